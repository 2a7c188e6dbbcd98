# Matching: one-to-one nearest neighbours without replacement, in the order of the file, within 0.2 SD of the logit score.
version_of <- function() paste0("Matching ", packageVersion("Matching"), ", R ", getRversion())
prepare <- function(path) {
  library(Matching)
  d <- read.csv(path)
  fit <- function(d) {
    score <- predict(glm(treated ~ x0 + x1 + x2 + x3 + x4, data = d, family = binomial))
    m <- Match(Tr = d$treated, X = score, M = 1, replace = FALSE, ties = FALSE, caliper = 0.2, version = "fast")
    list(their_pairs = length(m$index.treated))
  }
  fit(d[1:2000, ])
  function() fit(d)
}
