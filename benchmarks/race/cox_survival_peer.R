# survival: coxph with the model's errors, and cox.zph. No robust errors: they take from minutes to hours with many people.
version_of <- function() paste0("survival ", packageVersion("survival"), ", R ", getRversion())
prepare <- function(path) {
  library(survival)
  d <- read.csv(path)
  fit <- function(d) {
    x <- as.matrix(d[, grep("^x", names(d))])
    f <- coxph(Surv(d$stop, d$event) ~ x)
    z <- cox.zph(f, transform = "km")
    as.list(c(setNames(coef(f), paste0("b", seq_along(coef(f)) - 1)), test = z$table["GLOBAL", "chisq"]))
  }
  fit(d[1:1000, ])
  function() fit(d)
}
