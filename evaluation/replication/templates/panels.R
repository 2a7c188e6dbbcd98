# Functions of this pack for units seen again and again. Base R only.

# A time or a unit as text: numbers without noughts behind the point.
text_of <- function(x) if (is.numeric(x)) ifelse(is.na(x), NA, sprintf("%.15g", x)) else trimws(x)

# Position of each period on the axis, from 0, as periods.csv lists them.
positions <- function(folder, labels) {
  known <- read_cells(file.path(folder, "periods.csv"))
  as.integer(known[["position"]])[match(labels, known[["label"]])]
}

# Units by periods as a matrix; NA where nothing was seen.
wide <- function(panel, name, units, periods) {
  found <- matrix(NA_real_, length(units), periods)
  found[cbind(match(panel[["unit "]], units), panel[["period "]] + 1)] <- panel[[name]]
  found
}

# What a row of a panel says of its unit.
of_units <- function(panel, name, units) panel[[name]][match(units, panel[["unit "]])]

# A matrix (units, periods) less the weighted means of its units.
within_units <- function(m, w) m - rowSums(w * m) / ifelse(rowSums(w) > 0, rowSums(w), 1)

# Two-way regression: the outcome on columns (matrices of units by periods) with unit and period effects. Unit effects
# are taken out as means; period effects are dummies. CR2 with Satterthwaite's df for the first column, or CR1, whose
# factor counts columns and periods but not the unit effects, which are nested in the clusters.
two_way_regression <- function(y, columns, w, cluster, kind) {
  live <- w > 0
  root <- sqrt(w)
  used <- which(colSums(live) > 0)[-1]
  flat <- function(m) (root * within_units(m, w))[live]
  x <- cbind(sapply(columns, flat), sapply(used, function(t) {
    dummy <- matrix(0, nrow(w), ncol(w)); dummy[, t] <- 1
    flat(dummy)
  }))
  outcome <- flat(y)
  groups <- matrix(cluster, nrow(w), ncol(w))[live]
  if (kind == "CR2") return(cr2(outcome, x, groups, at = 1))
  fit <- least_squares(outcome, x)
  n <- length(outcome)
  pull <- as.vector(x %*% fit$bread[, 1]) * fit$residual
  count <- length(unique(groups))
  variance <- clustered_square(pull, groups) * count / (count - 1) * (n - 1) / (n - ncol(x) - 1)
  list(value = fit$beta[1], error = sqrt(variance), df = count - 1)
}

# --- Series ----------------------------------------------------------------------------------------------------------

# Error and degrees of freedom of a contrast of one series, or of a series and its comparison whose scores are added up
# period by period (Driscoll and Kraay 1998). "plain": Newey-West (1987) with n/(n-k); "model": independent residuals;
# "newey-west": raised, and given degrees of freedom, by what a short series would do to it if residuals followed a
# first-order autoregression whose strength restricted likelihood takes from the series itself.
series_error <- function(fits, direction, times, lag, errors) {
  n <- nrow(fits[[1]]$rows); k <- ncol(fits[[1]]$rows)
  parts <- lapply(seq_along(fits), function(a) direction[(a - 1) * k + seq_len(k)])
  moves <- Map(function(fit, part) as.vector(fit$rows %*% (fit$bread %*% part)), fits, parts)
  df <- length(fits) * (n - k)
  if (errors == "model") {
    dispersion <- sum(vapply(fits, function(fit) sum(fit$residual^2), 0)) / df
    own <- Map(function(fit, part) sum(part * (fit$bread %*% part)), fits, parts)
    return(list(error = sqrt(sum(unlist(own)) * dispersion), df = df))
  }
  score <- Reduce(`+`, Map(function(fit, move) move * fit$residual, fits, moves))
  bartlett <- pmax(1 - abs(outer(times, times, "-")) / (lag + 1), 0)
  variance <- max(sum(score * (bartlett %*% score)), 0)
  if (errors == "plain") return(list(error = sqrt(variance * n / (n - k)), df = df))
  alike <- lapply(fits, function(fit) likeness(fit, times)^abs(outer(times, times, "-")) * fit$scale)
  truth <- sum(unlist(Map(function(move, one) sum(move * (one %*% move)), moves, alike)))
  left <- Map(function(fit, one) {
    off <- diag(n) - fit$rows %*% fit$bread %*% t(fit$rows)
    off %*% one %*% off
  }, fits, alike)
  mean_of <- 0; square <- 0
  for (i in seq_along(fits)) {
    mean_of <- mean_of + sum(diag((bartlett * outer(moves[[i]], moves[[i]])) %*% left[[i]]))
    for (j in seq_along(fits)) {
      one <- (bartlett * outer(moves[[i]], moves[[j]])) %*% left[[j]]
      other <- (bartlett * outer(moves[[j]], moves[[i]])) %*% left[[i]]
      square <- square + sum(one * t(other))
    }
  }
  list(error = sqrt(variance * truth / mean_of), df = max(mean_of^2 / square, 1))
}

# Strength of a first-order autoregression of the residuals by restricted likelihood (Cheang and Reinsel 2000), over a
# grid, with a parabola through the three highest points.
likeness <- function(fit, times) {
  strengths <- round(seq(-0.6, 0.96 + 1e-9, by = 0.04), 2)
  n <- nrow(fit$rows); k <- ncol(fit$rows); steps <- diff(times)
  height <- vapply(strengths, function(rho) {
    back <- rho^steps; left <- sqrt(1 - back^2)
    rows <- rbind(fit$rows[1, ], (fit$rows[-1, , drop = FALSE] - back * fit$rows[-n, , drop = FALSE]) / left)
    e <- c(fit$residual[1], (fit$residual[-1] - back * fit$residual[-n]) / left)
    cross <- crossprod(rows); slope <- crossprod(rows, e)
    rest <- sum(e^2) - sum(slope * solve(cross, slope))
    -0.5 * ((n - k) * log(rest) + sum(log(1 - back^2)) + determinant(cross)$modulus)
  }, 0)
  best <- which.max(height)
  if (best == 1 || best == length(strengths)) return(strengths[best])
  low <- height[best - 1]; mid <- height[best]; high <- height[best + 1]
  bend <- low - 2 * mid + high
  shift <- if (bend < 0) 0.5 * (low - high) / bend else 0
  strengths[best] + max(-1, min(1, shift)) * 0.04
}
