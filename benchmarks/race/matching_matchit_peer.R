# MatchIt: one-to-one nearest neighbours without replacement, largest score first, within 0.2 SD of the logit score.
# Debian 12 has version 4.5.1, which is known to ignore calipers and not to give nearest neighbours.
version_of <- function() paste0("MatchIt ", packageVersion("MatchIt"), ", R ", getRversion())
prepare <- function(path) {
  library(MatchIt)
  d <- read.csv(path)
  fit <- function(d) {
    m <- matchit(treated ~ x0 + x1 + x2 + x3 + x4, data = d, method = "nearest", distance = "glm",
                 link = "linear.logit", caliper = 0.2, m.order = "largest")
    list(their_pairs = nrow(m$match.matrix) - sum(is.na(m$match.matrix[, 1])))
  }
  fit(d[1:2000, ])
  function() fit(d)
}
