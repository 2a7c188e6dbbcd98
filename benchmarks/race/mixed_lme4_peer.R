# lme4: the random intercept by REML. No degrees of freedom: lme4 gives none.
version_of <- function() paste0("lme4 ", packageVersion("lme4"), ", R ", getRversion())
prepare <- function(path) {
  library(lme4)
  d <- read.csv(path)
  fit <- function(d) lmer(y ~ x0 + x1 + x2 + x3 + x4 + x5 - 1 + (1 | school), data = d, REML = TRUE)
  fit(d[1:2000, ])
  function() {
    f <- fit(d)
    p <- length(fixef(f))
    list(value = fixef(f)[[p]], std_error = sqrt(as.matrix(vcov(f))[p, p]),
         tau2 = as.data.frame(VarCorr(f))$vcov[1], sigma2 = sigma(f)^2)
  }
}
