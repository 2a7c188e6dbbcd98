# Functions of this pack for places before and after a start. Base R only.

# --- Chance in counts ------------------------------------------------------------------------------------------------

# How much more counts (places by periods, NA where not seen) vary than Poisson counts would: Pearson's chi-square about
# place times period over its degrees of freedom. What places share in a period and what a place always has are fitted by
# turns. list(factor, never below 1; df; known).
over_dispersion <- function(counts, exposure = NULL) {
  seen <- is.finite(counts)
  size <- if (is.null(exposure)) 1 * seen else ifelse(seen, exposure, 0)
  y <- ifelse(seen, counts, 0)
  kept <- rowSums(y) > 0 & rowSums(seen) > 1
  y <- y[kept, , drop = FALSE]; size <- size[kept, , drop = FALSE]; seen <- seen[kept, , drop = FALSE]
  shared <- nrow(y) > 1
  live <- colSums(seen) > 0
  y <- y[, live, drop = FALSE]; size <- size[, live, drop = FALSE]; seen <- seen[, live, drop = FALSE]
  df <- sum(seen) - nrow(y) - (if (shared) max(sum(colSums(y) > 0) - 1, 0) else 0)
  if (df < 1) return(list(factor = 1, df = df, known = FALSE))
  rate <- rowSums(y) / rowSums(size)
  season <- rep(1, ncol(y))
  for (turn in seq_len(if (shared) 200 else 0)) {
    below <- colSums(rate * size)
    renewed <- ifelse(below > 0, colSums(y) / below, 1)
    rate <- rowSums(y) / as.vector(size %*% renewed)
    moved <- max(abs(renewed - season))
    season <- renewed
    if (moved < 1e-10) break
  }
  fitted <- outer(rate, season) * size
  used <- seen & fitted > 0
  list(factor = max(sum(((y - fitted)^2)[used] / fitted[used]) / df, 1), df = df, known = TRUE)
}

# Sums and means of the rows of a table, of what was seen.
totals <- function(table) rowSums(ifelse(is.finite(table), table, 0))
seen_times <- function(table) rowSums(is.finite(table))
row_means <- function(table) ifelse(seen_times(table) > 0, totals(table) / pmax(seen_times(table), 1), NA)

# --- The prior of an empirical-Bayes forecast ------------------------------------------------------------------------

# Where a deviance is least within bounds; a few Newton steps with differences of the function make the end the same
# whatever the way there. With the inverse of its curvature; a parameter that the data leave flat has none.
#
# Where places hardly differ beyond chance there is no peak: the likelihood rises towards an edge, or is a plain, and each
# program's search stops somewhere else on it. There the end of Lifecourse's search (`given`) is taken, if it is as good as
# the best found here.
least_deviance <- function(deviance, start, low, high, given) {
  found <- optim(start, deviance, method = "L-BFGS-B", lower = low, upper = high,
                 control = list(factr = 10, pgtol = 0, maxit = 1000, ndeps = rep(1e-5, length(start))))
  at <- found$par
  k <- length(at)
  for (polish in 1:8) {
    slope <- vapply(seq_len(k), function(j) {
      way <- 1e-4 * (seq_len(k) == j)
      (deviance(at + way) - deviance(at - way)) / 2e-4
    }, 0)
    step <- as.vector(inverse_curvature(deviance, at) %*% slope)
    if (max(abs(step)) > 0.1) break
    at <- pmin(pmax(at - step, low), high)
  }
  bend <- diag(curvature_of(deviance, at))
  if (max(abs(step)) > 1e-6 || any(bend < 0.1) || any(at - low < 0.01 | high - at < 0.01)) {
    if (deviance(given$at) > deviance(at) + 0.05) stop("Lifecourse's prior is not where the likelihood is highest")
    cat("  The likelihood of the prior has no clear peak: Lifecourse's end of the search is taken.\n")
    return(list(parameters = given$at, covariance = matrix(given$covariance, k)))
  }
  list(parameters = at, covariance = inverse_curvature(deviance, at))
}

curvature_of <- function(deviance, at) {
  k <- length(at); step <- 1e-3 * diag(k)
  curvature <- matrix(0, k, k)
  for (i in seq_len(k)) for (j in seq_len(k)) {
    a <- step[i, ]; b <- step[j, ]
    curvature[i, j] <- (deviance(at + a + b) - deviance(at + a - b) - deviance(at - a + b) + deviance(at - a - b)) / 4e-6
  }
  curvature
}

inverse_curvature <- function(deviance, at) {
  curvature <- curvature_of(deviance, at)
  told <- diag(curvature) > 1e-4
  found <- matrix(0, length(at), length(at))
  if (any(told)) found[told, told] <- solve(curvature[told, told, drop = FALSE])
  found
}

# Variance of a number reckoned from the prior's parameters (delta method, differences of the function).
prior_variance <- function(prior, forecast) {
  k <- length(prior$parameters)
  slope <- vapply(seq_len(k), function(j) {
    way <- 1e-3 * (seq_len(k) == j)
    (forecast(prior$parameters + way) - forecast(prior$parameters - way)) / 2e-3
  }, 0)
  max(sum(slope * (prior$covariance %*% slope)), 0)
}

# Counts: rates are Gamma(shape, shape / mean) across places, events Poisson; parameters: logs of mean and shape.
gamma_prior <- function(events, size, given) {
  mean_rate <- sum(events) / sum(size)
  spread <- sum(size * (events / size - mean_rate)^2) / sum(size) - mean_rate / mean(size)
  shape <- if (spread > 0) min(max(mean_rate^2 / spread, 0.05), 1e4) else 1e3
  deviance <- function(at) {
    mean_of <- exp(at[1]); shape <- exp(at[2]); fitted <- mean_of * size
    -sum(lgamma(shape + events) - lgamma(shape) - shape * log1p(fitted / shape) +
           events * (log(fitted) - log(shape + fitted)))
  }
  start <- c(log(mean_rate), log(shape))
  least_deviance(deviance, start, c(start[1] - 7, -7), c(start[1] + 7, log(1e6)), given)
}

# Posterior mean and variance of each place's rate.
gamma_forecast <- function(at, events, size) {
  shape <- exp(at[2])
  below <- shape / exp(at[1]) + size
  list(mean = (shape + events) / below, variance = (shape + events) / below^2)
}

# Posterior mean of each place's rate if the prior may have any shape: a histogram over 80 rates, fitted by expectation
# and maximisation (Kiefer and Wolfowitz 1956; Laird 1978).
any_shape_forecast <- function(events, size) {
  rates <- events / size
  mean_rate <- sum(events) / sum(size)
  low <- max(min(rates), 0.1 * mean_rate)
  high <- max(max(rates) * 1.05, low * 1.01)
  grid <- exp(seq(log(low), log(high), length.out = 80))
  fitted <- outer(size, grid)
  chance <- events * log(fitted) - fitted - lgamma(events + 1)
  chance <- exp(chance - apply(chance, 1, max))
  share <- rep(1 / 80, 80)
  for (turn in 1:400) {
    joint <- sweep(chance, 2, share, "*")
    renewed <- colMeans(joint / rowSums(joint))
    moved <- max(abs(renewed - share))
    share <- renewed
    if (moved < 1e-7) break
  }
  joint <- sweep(chance, 2, share, "*")
  as.vector(joint %*% grid) / rowSums(joint)
}

# Scores: levels are N(mu, tau^2) across people, readings N(level, sigma^2); parameters: mu and the logs of both
# variances. From each person's mean of `readings` readings, and the squares of readings about their person's mean.
normal_prior <- function(means, readings, squares, free, given) {
  sigma2 <- max(squares / free, 1e-8)
  whole <- max(var(means), 1e-8)
  start <- c(mean(means), log(max(var(means) - sigma2 * mean(1 / readings), 0.01 * whole)), log(sigma2))
  deviance <- function(at) {
    spread <- exp(at[2]) + exp(at[3]) / readings
    0.5 * (sum(log(spread) + (means - at[1])^2 / spread) + free * at[3] + squares / exp(at[3]))
  }
  least_deviance(deviance, start, c(start[1] - 10 * sqrt(whole), log(1e-6 * whole), start[3] - 5),
                 c(start[1] + 10 * sqrt(whole), log(whole) + 5, start[3] + 5), given)
}

# The same from a known mean, standard deviation and retest correlation: of `n` people, or exactly (n = 0).
known_prior <- function(mean_of, sd_of, retest, n = 0) {
  covariance <- matrix(0, 3, 3)
  if (n > 1) {
    covariance[1, 1] <- sd_of^2 / n
    covariance[2:3, 2:3] <- 2 / (n - 1)
  }
  list(parameters = c(mean_of, log(retest * sd_of^2), log((1 - retest) * sd_of^2)), covariance = covariance)
}

normal_forecast <- function(at, means, readings) {
  share <- exp(at[2]) / (exp(at[2]) + exp(at[3]) / readings)
  at[1] + share * (means - at[1])
}

# --- What came against what was expected -----------------------------------------------------------------------------

# Events after the start against a number expected with a variance, of those in `who`: per unit of exposure, and as a
# log ratio. Chance in what came is as much wider than Poisson's as `factor` says.
counted_change <- function(events, span, who, expected, variance, factor) {
  came <- sum(events[who]); span <- sum(span[who])
  list(after = came / span, expected = expected / span, difference = (came - expected) / span,
       difference_error = sqrt(factor * came + variance) / span, log_ratio = log(came / expected),
       log_error = sqrt(factor * came / came^2 + variance / expected^2), df = NA)
}

# Scores after the start against each one's forecast: the spread of what is left over people, and the prior's own error.
scored_change <- function(after, expected, who, variance) {
  left <- (after - expected)[who]
  list(after = mean(after[who]), expected = mean(expected[who]), difference = mean(left),
       difference_error = sqrt(var(left) / length(left) + variance), df = length(left) - 1)
}
