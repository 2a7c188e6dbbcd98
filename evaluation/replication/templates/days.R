# Functions of this pack for places on treated and other days. Base R only.

# For every row the row of the same place 1, 2, ... `lags` days earlier; NA where there is none.
rows_before <- function(place, day, lags) {
  key <- place * (max(day) + 1) + day
  vapply(seq_len(lags), function(lag) ifelse(day >= lag, match(key - lag, key), NA), numeric(length(day)))
}

# Rows whose allocation was the same on all those days before; one with a day missing before it is not.
settled <- function(treated, before) {
  same <- rep(TRUE, length(treated))
  for (lag in seq_len(ncol(before))) same <- same & treated[before[, lag]] == treated
  holds(same)
}

# A weighted mean of each place, on each of its rows.
place_mean <- function(x, place, weight) {
  below <- rowsum(weight, place)[, 1]
  total <- rowsum(weight * x, place)[, 1]
  unname(ifelse(below > 0, total / ifelse(below > 0, below, 1), 0)[as.character(place)])
}

# Columns of x less the place's mean.
within_places <- function(x, place, weight) {
  for (k in seq_len(ncol(x))) x[, k] <- x[, k] - place_mean(x[, k], place, weight)
  x
}

# Normal equations on columns of like size.
solved <- function(bread, right) {
  if (length(right) == 0) return(numeric(0))
  scale <- sqrt(diag(bread))
  as.vector(solve(bread / outer(scale, scale), right / scale, tol = 0)) / scale
}

# Least squares, or Poisson regression of counts, with a level for every place. Scores: each row's share in the equations.
placed_model <- function(y, x, place, size, counts) {
  if (!counts) {
    even <- within_places(x, place, rep(1, length(y)))
    own <- y - place_mean(y, place, rep(1, length(y)))
    beta <- solved(crossprod(even), crossprod(even, own))
    left <- own - as.vector(even %*% beta)
    return(list(beta = beta, bread = crossprod(even), scores = even * left, fitted = y - left))
  }
  events <- rowsum(y, place)[, 1]
  means <- function(beta) {
    raw <- size * exp(as.vector(x %*% beta))
    unname((events / rowsum(raw, place)[, 1])[as.character(place)]) * raw
  }
  beta <- numeric(ncol(x))
  for (turn in 1:60) {
    mu <- means(beta)
    even <- within_places(x, place, mu)
    step <- solved(crossprod(even, even * mu), crossprod(even, y - mu))
    beta <- beta + pmin(pmax(step, -2), 2)
    if (max(abs(step), 0) < 1e-10) break
  }
  mu <- means(beta)
  even <- within_places(x, place, mu)
  list(beta = beta, bread = crossprod(even, even * mu), scores = even * (y - mu), fitted = mu)
}

# Error of the first coefficient from scores added up by place, by day, or over neighbouring days (Newey and West 1987 on
# the days' sums: Driscoll and Kraay 1998), with G / (G - 1) for G places or days, and G - 1 degrees of freedom.
placed_error <- function(model, group, lags = 0) {
  sums <- matrix(0, max(group) - min(group) + 1, ncol(model$scores))
  found <- rowsum(model$scores, group)
  sums[as.integer(rownames(found)) - min(group) + 1, ] <- found
  meat <- crossprod(sums)
  for (lag in seq_len(lags)) {
    cross <- crossprod(sums[-seq_len(lag), , drop = FALSE], sums[seq_len(nrow(sums) - lag), , drop = FALSE])
    meat <- meat + (1 - lag / (lags + 1)) * (cross + t(cross))
  }
  inner <- solve(model$bread)
  groups <- nrow(found)
  list(error = sqrt((inner %*% meat %*% inner * groups / (groups - 1))[1, 1]), df = groups - 1)
}

# --- Allocations that there could have been --------------------------------------------------------------------------

# Allocations drawn, as rows of noughts and ones: one a draw, on the scale of the rows of this analysis.
read_allocations <- function(path, unit) {
  drawn <- do.call(rbind, strsplit(read_cells(path)[["treated"]], "", fixed = TRUE)) == "1"
  drawn[, unit, drop = FALSE]
}

# Treated days less others over what places and weekdays would have had: log of a ratio, or a difference of means. Of the
# allocation there was, and of every one drawn. `one`, `zero`: rows of each side that are kept, a row an allocation.
against_others <- function(y, meant, one, zero, ratio) {
  of_side <- function(side) if (ratio) log((side %*% y) / (side %*% meant)) else (side %*% (y - meant)) / rowSums(side)
  found <- suppressWarnings(as.vector(of_side(one) - of_side(zero)))
  found
}

# p-value of an effect: it is taken off, everything is reckoned anew, and the allocation there was takes its rank among
# those drawn. A tie is a tie to a hundred-thousandth of their spread.
allocation_test <- function(effect, y, treated, expected, one, zero, ratio) {
  away <- if (ratio) y * exp(-effect * treated) else y - effect * treated
  found <- against_others(away, expected(away), one, zero, ratio)
  others <- found[-1]
  others <- others[is.finite(others)]
  dust <- 1e-5 * sqrt(mean((others - mean(others))^2))
  beyond <- min(sum(others <= found[1] + dust), sum(others >= found[1] - dust))
  list(p = min(1, 2 * (beyond + 1) / (length(others) + 1)), spread = sd(others))
}

# How far from the estimate the test does not reject, on one side, to a millionth of the step.
allocation_end <- function(p_at, value, step, alpha) {
  inside <- 0
  outside <- step
  while (p_at(value + outside) > alpha) { inside <- outside; outside <- 2 * outside }
  for (half in 1:20) {
    middle <- (inside + outside) / 2
    if (p_at(value + middle) > alpha) inside <- middle else outside <- middle
  }
  value + outside
}
