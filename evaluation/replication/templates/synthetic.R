# Functions of this pack for an area held against a pool of others. Base R only.

# --- Weights that are not negative and add up to one -----------------------------------------------------------------

# The least squares solution, the shortest where there are several: by singular values.
shortest_solution <- function(a, b) {
  if (ncol(a) == 0) return(numeric(0))
  parts <- svd(a)
  real <- parts$d > .Machine$double.eps * max(dim(a)) * parts$d[1]
  as.vector(parts$v[, real, drop = FALSE] %*% (crossprod(parts$u[, real, drop = FALSE], b) / parts$d[real]))
}

# Minimise |target - A w|^2 + ridge |w|^2 over w >= 0, sum w = 1, to the exact optimum. Less the target, every column is a
# point, and what is looked for is the point of their convex hull nearest to the origin. Of several w that lead there the
# one with the smallest sum of squares. `columns`: rows by donors.
simplex_weights <- function(columns, target, ridge = 0) {
  apart <- columns - target
  scale <- sqrt(max(colSums(apart^2)) + ridge)
  if (!(scale > 0)) scale <- 1
  apart <- apart / scale
  ridge <- ridge / scale^2
  n <- ncol(apart)
  if (n == 1) return(1)
  weights <- if (ridge > 1e-9) whole_sets(apart, ridge) else NULL
  if (is.null(weights)) weights <- one_by_one(if (ridge > 0) rbind(apart, sqrt(ridge) * diag(n)) else apart)
  if (ridge == 0) most_even(apart, weights) else weights
}

# Wolfe (1976): add the column whose product with the point is lowest; drop those whose weight would turn negative.
one_by_one <- function(apart) {
  n <- ncol(apart)
  weights <- numeric(n)
  used <- which.min(colSums(apart^2))
  weights[used] <- 1
  for (round in seq_len(20 * n + 100)) {
    point <- as.vector(apart[, used, drop = FALSE] %*% weights[used])
    products <- as.vector(crossprod(apart, point))
    level <- sum(point^2)
    products[used] <- Inf
    entering <- which.min(products)
    if (!(products[entering] < level - 1e-12 * max(1, level))) break
    used <- c(used, entering)
    repeat {  # move towards the best point of the plane through the used columns, as far as no weight turns negative
      first <- apart[, used[1]]
      share <- shortest_solution(apart[, used[-1], drop = FALSE] - first, -first)
      wanted <- c(1 - sum(share), share)
      if (all(wanted > 0)) { weights[used] <- wanted; break }
      held <- weights[used]
      steps <- ifelse(wanted <= 0, held / pmax(held - wanted, 1e-300), Inf)
      held <- pmax(held + min(steps) * (wanted - held), 0)
      held[steps <= min(steps)] <- 0
      weights[used] <- held
      used <- used[!(steps <= min(steps))]
    }
    if (!(entering %in% used)) break
  }
  weights
}

# With a ridge: all columns whose weight would be positive, again and again, until the set stays (Hintermueller and
# others 2002). NULL if it does not.
whole_sets <- function(apart, ridge) {
  n <- ncol(apart)
  used <- rep(TRUE, n)
  for (turn in 1:60) {
    part <- apart[, used, drop = FALSE]
    raw <- solve(crossprod(part) + ridge * diag(sum(used)), rep(1, sum(used)))
    weights <- numeric(n)
    weights[used] <- raw / sum(raw)
    slack <- as.vector(crossprod(apart, apart %*% weights)) - 1 / sum(raw)
    renewed <- ifelse(used, weights > 0, slack < -1e-12)
    if (all(renewed == used)) return(weights)
    used <- renewed
    if (!any(used)) return(NULL)
  }
  NULL
}

# Of all weights that lead to the same point those with the smallest sum of squares. Only columns on the face on which
# the point lies can carry weight. The shortest w >= 0 with S w = r: Newton's method on its dual, then exactly.
most_even <- function(apart, weights) {
  point <- as.vector(apart %*% weights)
  face <- which(as.vector(crossprod(apart, point)) - sum(point^2) <= 1e-9 | weights > 0)
  stacked <- rbind(apart[, face, drop = FALSE], 1)
  if (sum(svd(stacked, 0, 0)$d > 1e-9) == length(face)) return(weights)
  right <- c(point, 1)
  k <- length(face)
  at <- shortest_solution(t(stacked), rep(1 / k, k))
  height <- function(at) sum(at * right) - 0.5 * sum(pmax(crossprod(stacked, at), 0)^2)
  for (turn in 1:60) {
    w <- pmax(as.vector(crossprod(stacked, at)), 0)
    missing <- right - as.vector(stacked %*% w)
    if (max(abs(missing)) < 1e-12) break
    used <- stacked[, w > 0, drop = FALSE]
    step <- shortest_solution(used %*% t(used) + 1e-14 * diag(length(right)), missing)
    size <- 1
    while (size > 1e-10 && height(at + size * step) < height(at) + 1e-4 * size * sum(step * missing)) size <- size / 2
    at <- at + size * step
  }
  support <- which(pmax(as.vector(crossprod(stacked, at)), 0) > 1e-12)
  if (length(support) == 0) return(weights)
  exact <- shortest_solution(stacked[, support, drop = FALSE], right)
  even <- numeric(k)
  even[support] <- pmax(exact, 0)
  if (any(exact < -1e-9) || max(abs(as.vector(stacked %*% even) - right)) > 1e-9) return(weights)
  found <- numeric(length(weights))
  found[face] <- even
  found / sum(found)
}

# --- The synthetic area ----------------------------------------------------------------------------------------------

# Standard deviation of the change from one period to the next among donors (areas by periods) before the start.
change_sd <- function(donors, before) {
  steps <- donors[, seq_len(before)[-1], drop = FALSE] - donors[, seq_len(before - 1), drop = FALSE]
  sd(as.vector(steps))
}

# A fit: weights of donors (and of periods), gaps in every period, their mean after the start, their root mean square
# before it. `target`: a path; `donors`: areas by periods; `before`: how many periods lie before the start.
area_fit <- function(weights, periods, gaps, fitted, before, penalty) {
  list(weights = weights, periods = periods, gaps = gaps, effect = mean(gaps[-seq_len(before)]),
       before = sqrt(mean(fitted^2)), after = sqrt(mean(gaps[-seq_len(before)]^2)), penalty = penalty)
}

# Abadie, Diamond and Hainmueller (2010) on the path of the outcome; predictors, where named, each row in standard
# deviations across areas.
classic_fit <- function(target, donors, before, own_facts = NULL, facts = NULL) {
  past <- seq_len(before)
  columns <- t(donors[, past, drop = FALSE])
  path <- target[past]
  if (!is.null(facts)) {
    columns <- rbind(columns, t(facts))
    path <- c(path, own_facts)
    spread <- apply(cbind(columns, path), 1, sd)
    columns <- columns[spread > 0, , drop = FALSE] / spread[spread > 0]
    path <- path[spread > 0] / spread[spread > 0]
  }
  weights <- simplex_weights(columns, path)
  gaps <- target - as.vector(weights %*% donors)
  area_fit(weights, NULL, gaps, gaps[past], before, 0)
}

# Ben-Michael, Feller and Rothstein (2021): classic weights, moved by a ridge regression towards what they left unfitted.
moved_by_ridge <- function(weights, target, donors, penalty) {
  centre <- colMeans(donors)
  spread <- sweep(donors, 2, centre)
  left <- target - centre - as.vector(weights %*% spread)
  weights + as.vector(spread %*% solve(crossprod(spread) + penalty * diag(ncol(spread)), left))
}

# Its penalty: each period before the start left out in turn, 20 penalties; the largest whose squared error is within one
# standard error of the smallest.
ridge_fit <- function(target, donors, before) {
  past <- seq_len(before)
  own <- target[past]
  rows <- donors[, past, drop = FALSE]
  largest <- max(svd(sweep(rows, 2, colMeans(rows)), 0, 0)$d)^2
  grid <- (if (largest > 0) largest else 1) * 1e-8^((0:19) / 19)
  missed <- t(vapply(past, function(period) {
    rest <- rows[, -period, drop = FALSE]
    weights <- simplex_weights(t(rest), own[-period])
    centre <- colMeans(rest)
    parts <- svd(sweep(rest, 2, centre))
    short <- as.vector(crossprod(parts$v, own[-period] - centre - as.vector(weights %*% sweep(rest, 2, centre))))
    vapply(grid, function(one) {
      own[period] - sum(rows[, period] * (weights + as.vector(parts$u %*% (parts$d / (parts$d^2 + one) * short))))
    }, 0)
  }, numeric(20)))
  level <- colMeans(missed^2)
  error <- apply(missed^2, 2, sd) / sqrt(before)
  best <- which.min(level)
  chosen <- which.max(ifelse(level <= level[best] + error[best], grid, 0))
  weights <- moved_by_ridge(classic_fit(target, donors, before)$weights, own, rows, grid[chosen])
  area_fit(weights, NULL, target - as.vector(weights %*% donors), missed[, chosen], before, grid[chosen])
}

# Synthetic difference-in-differences (Arkhangelsky and others 2021): weights of donors with an intercept and the ridge
# zeta^2 x periods before, weights of periods with an intercept and next to no ridge.
did_fit <- function(target, donors, before, treated) {
  past <- seq_len(before)
  noise <- change_sd(donors, before)
  zeta <- (treated * (ncol(donors) - before))^0.25 * noise
  columns <- t(donors[, past, drop = FALSE])
  areas <- simplex_weights(sweep(columns, 2, colMeans(columns)), target[past] - mean(target[past]), zeta^2 * before)
  later <- rowMeans(donors[, -past, drop = FALSE])
  rows <- donors[, past, drop = FALSE]
  periods <- simplex_weights(sweep(rows, 2, colMeans(rows)), later - mean(later), (1e-6 * noise)^2 * nrow(donors))
  raw <- target - as.vector(areas %*% donors)
  area_fit(areas, periods, raw - sum(periods * raw[past]), raw[past] - mean(raw[past]), before, zeta)
}

# --- How far it may be off -------------------------------------------------------------------------------------------

# Placebos: each set of donors (a row of `sets`) is given the programme, the other donors are its pool.
placebo_fits <- function(fit_area, donors, sets, facts = NULL) {
  lapply(seq_len(nrow(sets)), function(k) {
    rows <- sets[k, ]
    fit_area(colMeans(donors[rows, , drop = FALSE]), donors[-rows, , drop = FALSE],
             if (is.null(facts)) NULL else colMeans(facts[rows, , drop = FALSE]),
             if (is.null(facts)) NULL else facts[-rows, , drop = FALSE])
  })
}

# The spread of the placebo effects, with room for the treated area's own draw, and wider by the square of how much worse
# the treated area was fitted before the start than the placebos were. t with (donors in the sets - 1) df.
placebo_error <- function(own, placebos, sets, treated) {
  effects <- vapply(placebos, function(one) one$effect, 0)
  usual <- sqrt(mean(vapply(placebos, function(one) one$before, 0)^2))
  misfit <- if (own$before > 1e-9 * max(abs(own$gaps))) own$before else 0
  worse <- if (usual > 0) misfit / usual else if (misfit > 0) Inf else 0
  areas <- length(unique(as.vector(sets)))
  share <- min(0.5, treated / areas)
  spread <- sqrt(mean((effects - mean(effects))^2))
  list(error = spread * sqrt((1 + share) / (1 - share)) * max(1, worse^2), df = areas - 1)
}

# Rank of the treated area among all by how much larger its gaps are after the start than before, as a p-value.
placebo_rank <- function(own, placebos) {
  ratio_of <- function(one) {
    size <- max(abs(one$gaps))
    if (one$before > 1e-12 * size) one$after / one$before else if (one$after > 1e-12 * size) Inf else 1
  }
  others <- vapply(placebos, ratio_of, 0)
  mine <- ratio_of(own)
  (1 + sum(if (is.infinite(mine)) is.infinite(others) else others >= mine * (1 - 1e-9))) / (length(others) + 1)
}

# Every area left out once, weights kept (Arkhangelsky and others 2021, algorithm 3). Needs two treated areas.
jackknife_error <- function(own, treated, donors, before) {
  past <- seq_len(before)
  change <- function(paths) {
    rowMeans(paths[, -past, drop = FALSE]) - as.vector(paths[, past, drop = FALSE] %*% own$periods)
  }
  ones <- change(treated)
  others <- change(donors)
  pool <- sum(own$weights * others)
  all <- c((sum(ones) - ones) / (length(ones) - 1) - pool, mean(ones) - (pool - own$weights * others) / (1 - own$weights))
  sqrt((length(all) - 1) / length(all) * sum((all - own$effect)^2))
}

# --- Conformal inference (Chernozhukov, Wuethrich and Zhu 2021) ------------------------------------------------------

# Residuals of a path fitted in all periods at once, none of them singled out.
residuals_of <- function(path, donors, kind, penalty) {
  columns <- t(donors)
  if (kind == "did") {
    weights <- simplex_weights(sweep(columns, 2, colMeans(columns)), path - mean(path), penalty^2 * length(path))
    raw <- path - as.vector(columns %*% weights)
    return(raw - mean(raw))
  }
  weights <- simplex_weights(columns, path)
  if (kind == "augmented") weights <- moved_by_ridge(weights, path, donors, penalty)
  path - as.vector(columns %*% weights)
}

# p-value of an effect that is the same in all periods after the start: it is taken off, and the residuals of those
# periods are compared with what they are after every shift of all residuals around a circle.
p_of_effect <- function(effect, target, donors, before, kind, penalty) {
  n <- length(target)
  after <- n - before
  path <- target - effect * (seq_len(n) > before)
  size <- abs(residuals_of(path, donors, kind, penalty))
  strange <- vapply(seq_len(n) - 1, function(shift) mean(size[(before + seq_len(after) - 1 + shift) %% n + 1]), 0)
  mean(strange >= strange[1] * (1 - 1e-9))
}

# Where acceptance ends on one side: steps that grow, the last accepted effect before two in a row that are not, halved
# ten times between.
conformal_end <- function(p_at, effect, step, alpha) {
  inside <- at <- outside <- effect
  size <- step / 2
  refused <- 0
  for (k in 1:40) {
    at <- at + size
    size <- size * 1.15
    if (p_at(at) > alpha) { inside <- at; refused <- 0; next }
    if (refused == 0) outside <- at
    refused <- refused + 1
    if (refused == 2) {
      for (half in 1:10) {
        middle <- 0.5 * (inside + outside)
        if (p_at(middle) > alpha) inside <- middle else outside <- middle
      }
      return(outside)
    }
  }
  NA
}
