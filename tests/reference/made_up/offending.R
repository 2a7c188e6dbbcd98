# R's answers for offending.csv; written to ../expected/offending.json. R 4.2.2, survival 3.5-3.
library(survival)
d <- read.csv("offending.csv")
num <- function(x) formatC(x, digits = 12, format = "g")
part <- function(f) {
  s <- summary(f)$coefficients
  sprintf('{"value": %s, "std_error": %s}', num(s["treat", "coef"]), num(s["treat", "robust se"]))
}
ag <- coxph(Surv(start, stop, arrest) ~ x + treat, d, cluster = unit)
weighted <- coxph(Surv(start, stop, arrest) ~ treat, d, weights = weight, cluster = unit)
school <- coxph(Surv(start, stop, arrest) ~ x + treat, d, cluster = school)
curve <- function(arm, ...) {
  e <- d[d$treat == arm, ]
  s <- summary(survfit(Surv(start, stop, arrest) ~ 1, e, id = unit, cluster = unit, robust = TRUE, ...), times = 300)
  sprintf('{"value": %s, "std_error": %s}', num(s$cumhaz), num(s$std.chaz))
}
cat(sprintf('{
  "case": "offending",
  "title": "Made-up arrests at liberty that come back, 120 people: rates and mean numbers",
  "source": "R 4.2.2, survival 3.5-3: coxph with cluster, survfit with id and cluster (infinitesimal jackknife); tests/reference/made_up/offending.R",
  "tolerance": 1e-8,
  "by_person": %s,
  "model_error": %s,
  "weighted": %s,
  "by_school": %s,
  "mean_number_300": {"with": %s, "without": %s}
}
', part(ag), num(sqrt(ag$naive.var[2, 2])), part(weighted), part(school), curve(1), curve(0)))
