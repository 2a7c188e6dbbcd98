# Functions of this pack for effects from predictions of treatment and outcome. Base R only.

# --- Predictions: nobody by a model that saw them --------------------------------------------------------------------

# The least squares solution by singular values; directions below `least` of the largest are left at nought.
solution_of <- function(a, b, least) {
  parts <- svd(a)
  real <- parts$d > least * parts$d[1]
  as.vector(parts$v[, real, drop = FALSE] %*% (crossprod(parts$u[, real, drop = FALSE], b) / parts$d[real]))
}

# An intercept and the columns that vary among the known, those asked about on the same scale.
on_scale_of <- function(known, asked) {
  centre <- colMeans(known)
  spread <- sqrt(colMeans(sweep(known, 2, centre)^2))
  varying <- which(spread > 1e-12 * (1 + apply(abs(known), 2, max)))
  scaled <- function(x) cbind(1, sweep(sweep(x[, varying, drop = FALSE], 2, centre[varying]), 2, spread[varying], "/"))
  list(known = scaled(known), asked = scaled(asked))
}

# Logistic regression without penalty; NULL where the covariates decide the answer, so that there is no maximum.
logistic_coefficients <- function(y, x) {
  beta <- numeric(ncol(x))
  for (turn in 1:100) {
    p <- plogis(as.vector(x %*% beta))
    working <- p * (1 - p)
    if (max(working) < 1e-10) return(NULL)
    gradient <- crossprod(x, y - p)
    step <- solution_of(crossprod(x, x * working), gradient, 1e-12)
    deviance <- -2 * sum(ifelse(y == 1, plogis(as.vector(x %*% beta), log.p = TRUE),
                                plogis(-as.vector(x %*% beta), log.p = TRUE)))
    beta <- beta + step
    if (abs(sum(gradient * step)) <= 1e-13 * (deviance + 0.1)) {
      return(if (max(abs(x %*% beta)) > 30) NULL else beta)
    }
  }
  NULL
}

# Log-linear regression of counts, to the last digits; NULL where there is no maximum.
log_linear_coefficients <- function(y, x) {
  if (sum(y) == 0) return(NULL)
  found <- tryCatch(fit_model(y, x, poisson()), error = function(problem) NULL)
  if (is.null(found)) return(NULL)
  beta <- found$beta
  index <- as.vector(x %*% beta)
  if (any(is.na(beta)) || max(abs(index - median(index))) > 30) NULL else beta
}

# The same with a ridge of 1 on every slope, which always has a solution.
with_a_ridge <- function(y, x, model) {
  mean_of <- if (model == "poisson") function(index) exp(pmin(pmax(index, -700), 30)) else plogis
  ridge <- diag(c(0, rep(1, ncol(x) - 1)), ncol(x))
  beta <- numeric(ncol(x))
  for (turn in 1:100) {
    p <- mean_of(as.vector(x %*% beta))
    gradient <- crossprod(x, y - p) - ridge %*% beta
    step <- solution_of(crossprod(x, x * (if (model == "poisson") p else p * (1 - p))) + ridge, gradient, 1e-12)
    beta <- beta + step * min(1, 5 / max(abs(step), 1e-300))
    if (max(abs(step)) < 1e-10) break
  }
  beta
}

# What an outcome model fitted to some people predicts for others.
predicted_outcome <- function(y, known, asked, model) {
  if (diff(range(y)) == 0) return(rep(y[1], nrow(asked)))
  on <- on_scale_of(known, asked)
  if (model == "linear") {
    products <- crossprod(on$known)
    ends <- eigen(products, symmetric = TRUE, only.values = TRUE)$values
    well_apart <- min(ends) > 1e-8 * max(ends)
    beta <- if (well_apart) solve(products, crossprod(on$known, y)) else solution_of(on$known, y, 1e-10)
    return(as.vector(on$asked %*% beta))
  }
  if (model == "poisson") {
    kept <- independent_columns(on$known)
    beta <- log_linear_coefficients(y, on$known[, kept, drop = FALSE])
    if (!is.null(beta)) return(exp(as.vector(on$asked[, kept, drop = FALSE] %*% beta)))
  } else {
    beta <- logistic_coefficients(y, on$known)
    if (!is.null(beta)) return(plogis(as.vector(on$asked %*% beta)))
  }
  index <- as.vector(on$asked %*% with_a_ridge(y, on$known, model))
  if (model == "poisson") exp(pmin(pmax(index, -700), 30)) else plogis(index)
}

# Everybody's score and both outcomes, from the other folds.
cross_fitted <- function(y, treated, covariates, folds, model, with_score = TRUE) {
  n <- length(y)
  found <- list(score = rep(NA, n), treated = rep(NA, n), comparison = rep(NA, n))
  for (fold in unique(folds)) {
    inside <- folds == fold
    outside <- if (all(inside)) inside else !inside
    asked <- covariates[inside, , drop = FALSE]
    if (with_score) {
      on <- on_scale_of(covariates[outside, , drop = FALSE], asked)
      found$score[inside] <- plogis(as.vector(on$asked %*% logistic_coefficients(treated[outside], on$known)))
    }
    for (arm in 1:0) {
      rows <- outside & treated == arm
      found[[if (arm == 1) "treated" else "comparison"]][inside] <-
        predicted_outcome(y[rows], covariates[rows, , drop = FALSE], asked, model)
    }
  }
  found
}

# --- The effect ------------------------------------------------------------------------------------------------------

# AIPW (Robins, Rotnitzky and Zhao 1994) of the ATE: both means, and everybody's influence on each.
aipw <- function(y, treated, fitted) {
  one <- fitted$treated + treated * (y - fitted$treated) / fitted$score
  zero <- fitted$comparison + (1 - treated) * (y - fitted$comparison) / (1 - fitted$score)
  list(means = c(mean(one), mean(zero)), one = one - mean(one), zero = zero - mean(zero))
}

# The same of the effect on the treated.
aipw_treated <- function(y, treated, fitted) {
  share <- mean(treated)
  odds <- fitted$score / (1 - fitted$score)
  rows <- (treated - (1 - treated) * odds) * (y - fitted$comparison) / share
  value <- mean(rows)
  level <- mean(treated * y) / share
  one <- treated * (y - level) / share
  list(means = c(level, level - value), one = one, zero = one - (rows - treated / share * value))
}

# TMLE (Gruber and van der Laan 2010): predictions moved on a bounded logit scale until the influence sums to nought.
tmle <- function(y, treated, fitted) {
  low <- min(y); span <- diff(range(y))
  if (span == 0) return(aipw(y, treated, fitted))
  scaled <- (y - low) / span
  bounded <- function(prediction) pmin(pmax((prediction - low) / span, 0.005), 0.995)
  curve <- function(index) 1 / (1 + exp(-pmin(pmax(index, -30), 30)))
  moved <- function(prediction, clever, everyone) {
    base <- qlogis(prediction)
    eps <- 0
    for (turn in 1:50) {
      q <- curve(base + eps * clever)
      gradient <- sum(clever * (scaled - q))
      slope <- sum(clever^2 * q * (1 - q))
      if (slope <= 0 || abs(gradient) < 1e-12 * length(y)) break
      eps <- eps + gradient / slope
    }
    low + span * curve(base + eps * everyone)
  }
  p <- fitted$score
  fitted$treated <- moved(bounded(fitted$treated), treated / p, 1 / p)
  fitted$comparison <- moved(bounded(fitted$comparison), (1 - treated) / (1 - p), 1 / (1 - p))
  found <- aipw(y, treated, fitted)
  list(means = c(mean(fitted$treated), mean(fitted$comparison)), one = found$one, zero = found$zero)
}

# A difference, or the log of a ratio, of two means (of events over exposure with `over`), with everybody's influence by
# the delta method.
effect_of <- function(found, effect, over = NULL) {
  if (!(effect %in% c("risk-ratio", "odds-ratio", "rate-ratio"))) {
    return(list(value = found$means[1] - found$means[2], influence = found$one - found$zero))
  }
  odds <- if (effect == "odds-ratio") 1 - found$means else c(1, 1)
  one <- found$one / (found$means[1] * odds[1])
  zero <- found$zero / (found$means[2] * odds[2])
  logs <- log(found$means / odds)
  if (!is.null(over)) {
    one <- one - over$one / over$means[1]
    zero <- zero - over$zero / over$means[2]
    logs <- logs - log(over$means)
  }
  list(value = logs[1] - logs[2], influence = one - zero)
}
