# Functions of this pack. Base R only; nothing here knows the study. Every estimator is written out, so that it can be
# read beside the textbook. analysis.R uses them step by step.

options(stringsAsFactors = FALSE, warn = 1)

# --- Reading ---------------------------------------------------------------------------------------------------------

# A CSV with every cell as text; an empty cell is missing.
read_cells <- function(path) {
  read.csv(path, colClasses = "character", check.names = FALSE, na.strings = "", quote = "\"", comment.char = "",
           encoding = "UTF-8", fill = FALSE)
}

# The data, each column of the type that the codebook gives it: "number" or "text".
read_data <- function(folder, name) {
  codebook <- read_cells(file.path(folder, "codebook.csv"))
  cells <- read_cells(file.path(folder, name))
  for (k in seq_len(nrow(codebook))) {
    place <- match(codebook[["column"]][k], names(cells))
    if (is.na(place)) stop("the data lack a column of the codebook: row ", k, call. = FALSE)
    if (codebook[["type"]][k] == "number") cells[[place]] <- as.numeric(cells[[place]])
  }
  cells
}

# Rows for which a rule holds: "not known" is not "yes".
holds <- function(rule) !is.na(rule) & rule

# The order of texts by their bytes, so that no locale can change it.
sorted_levels <- function(x) sort(unique(x[!is.na(x)]), method = "radix")

# A label of each value: numbers without noughts behind the point.
label_of <- function(x) if (is.numeric(x)) ifelse(is.na(x), NA, sprintf("%g", x)) else x

# Whole numbers 1, 2, ... for the labels of groups.
codes_of <- function(x) match(x, unique(x))

# --- Columns of a model ----------------------------------------------------------------------------------------------

# Numbers as they are; a text as one 0/1 column a level but the first.
covariate_columns <- function(data, names) {
  found <- matrix(0, nrow(data), 0)
  for (name in names) {
    x <- data[[name]]
    if (is.numeric(x)) {
      found <- cbind(found, x)
    } else {
      for (level in sorted_levels(x)[-1]) found <- cbind(found, as.numeric(x == level))
    }
  }
  unname(found)
}

# The columns, from left to right, that are no combination of those before them.
independent_columns <- function(x) {
  if (ncol(x) == 0) return(integer(0))
  size <- sqrt(colSums(x^2))
  usable <- which(size > 0)
  scaled <- sweep(x[, usable, drop = FALSE], 2, size[usable], "/")
  found <- qr(scaled, tol = 1e-8)
  usable[sort(found$pivot[seq_len(found$rank)])]
}

# Mean 0 and standard deviation 1 (over n); columns that do not vary are left out.
standardised_columns <- function(x) {
  if (ncol(x) == 0) return(x)
  centred <- sweep(x, 2, colMeans(x))
  spread <- sqrt(colMeans(centred^2))
  varying <- spread > 1e-12 * (1 + apply(abs(x), 2, max))
  sweep(centred[, varying, drop = FALSE], 2, spread[varying], "/")
}

# A constant, the covariates, and the treatment last; columns that add nothing are left out.
design_with_treatment <- function(covariates, treated) {
  whole <- cbind(1, covariates, treated)
  kept <- independent_columns(whole)
  if (!(ncol(whole) %in% kept)) stop("the covariates say all of the treatment", call. = FALSE)
  unname(whole[, kept, drop = FALSE])
}

# --- Least squares ---------------------------------------------------------------------------------------------------

# (Weighted) least squares; the coefficient of the last column is the effect.
least_squares <- function(y, x, w = rep(1, length(y))) {
  found <- qr(x * sqrt(w))
  beta <- qr.coef(found, y * sqrt(w))
  list(x = x, w = w, beta = beta, residual = as.vector(y - x %*% beta), bread = chol2inv(qr.R(found)))
}

# Sandwich error of the last coefficient: HC0 to HC3 (MacKinnon and White 1985), or "classical".
hc_error <- function(fit, kind) {
  n <- nrow(fit$x); k <- ncol(fit$x)
  if (kind == "classical") {
    return(sqrt(fit$bread[k, k] * sum(fit$w * fit$residual^2) / (n - k)))
  }
  leverage <- rowSums((fit$x %*% fit$bread) * fit$x) * fit$w
  power <- c(HC0 = 0, HC1 = 0, HC2 = 0.5, HC3 = 1)[[kind]]
  pull <- as.vector(fit$x %*% fit$bread[, k]) * fit$w * fit$residual / (1 - leverage)^power
  sqrt(sum(pull^2) * if (kind == "HC1") n / (n - k) else 1)
}

# Degrees of freedom of an HC2 error by Satterthwaite, with one variance an arm; Welch's without covariates.
# With P = (I - H) S (I - H) and w the weights of the squared residuals: df = tr(WP)^2 / tr(WPWP).
satterthwaite_by_arm <- function(fit, treated) {
  q <- qr.Q(qr(fit$x)); k <- ncol(fit$x); n <- nrow(fit$x)
  spare <- 1 - rowSums(q^2)
  w <- as.vector(fit$x %*% fit$bread[, k])^2 / spare
  arms <- list(treated == 1, treated == 0)
  spread <- vapply(arms, function(a) if (any(a)) mean(fit$residual[a]^2 / spare[a]) else 0, 0)
  told <- crossprod(q, q * ifelse(arms[[1]], spread[1], spread[2]))
  pulled <- lapply(arms, function(a) crossprod(q[a, , drop = FALSE], q[a, , drop = FALSE] * w[a]))
  trace <- 0; square <- 0
  for (a in 1:2) {
    rows <- arms[[a]]
    off <- rowSums((q[rows, , drop = FALSE] %*% (told - 2 * spread[a] * diag(k))) * q[rows, , drop = FALSE])
    trace <- trace + sum(w[rows] * (spread[a] + off))
    square <- square + sum(w[rows]^2 * (spread[a]^2 + 2 * spread[a] * off))
    for (b in 1:2) {
      between <- told - (spread[a] + spread[b]) * diag(k)
      square <- square + sum(diag(between %*% pulled[[a]] %*% between %*% pulled[[b]]))
    }
  }
  df <- if (square > 0) trace^2 / square else 0
  if (is.finite(df) && df > 0) df else n - k
}

# The effect by least squares with an HC error. People of leverage 1, such as one alone in a stratum, say nothing.
effect_by_least_squares <- function(y, treated, covariates, errors, satterthwaite) {
  repeat {
    x <- design_with_treatment(covariates, treated)
    q <- qr.Q(qr(x))
    told <- rowSums(q^2) < 1 - 1e-9
    if (all(told) || !(errors %in% c("HC2", "HC3"))) break
    y <- y[told]; treated <- treated[told]; covariates <- covariates[told, , drop = FALSE]
  }
  fit <- least_squares(y, x)
  df <- if (satterthwaite && errors == "HC2") satterthwaite_by_arm(fit, treated) else nrow(x) - ncol(x)
  list(value = fit$beta[ncol(x)], error = hc_error(fit, errors), df = df)
}

# --- Errors clustered by a group -------------------------------------------------------------------------------------

# Sums of each row's share in an estimate within clusters, squared: the variance, before any factor.
clustered_square <- function(pull, cluster) sum(rowsum(pull, cluster)^2)

# CR1 of the last coefficient: G/(G-1) x (n-1)/(n-k), with G - 1 degrees of freedom. Two clusterings are combined as
# V1 + V2 - V12 (Cameron, Gelbach and Miller 2011), and the smaller number of clusters counts.
cr1 <- function(pull, n, k, clusters) {
  factor_of <- function(groups) {
    count <- length(unique(groups))
    clustered_square(pull, groups) * count / (count - 1) * (n - 1) / (n - k)
  }
  variance <- sum(vapply(clusters, factor_of, 0))
  if (length(clusters) > 1) variance <- variance - factor_of(paste(clusters[[1]], clusters[[2]]))
  count <- min(vapply(clusters, function(g) length(unique(g)), 0L))
  list(error = sqrt(max(variance, 0)), df = count - 1)
}

# A power of a symmetric matrix; directions without weight stay without.
matrix_power <- function(m, exponent) {
  found <- eigen((m + t(m)) / 2, symmetric = TRUE)
  real <- found$values > 1e-9 * max(found$values, 1e-300)
  raised <- numeric(length(real))
  raised[real] <- found$values[real]^exponent
  found$vectors %*% (raised * t(found$vectors))
}

# CR2 (Bell and McCaffrey 2002) of the coefficient in place `at` of least squares, with Satterthwaite's degrees of
# freedom under independent people of one variance. A_g = (I - H_gg)^(-1/2); with t_g = A_g X_g (X'X)^-1 c the variance
# is the sum of (t_g' e_g)^2, and df = (tr P)^2 / tr(PP) with P_gh = t_g' (I - H)_gh t_h.
cr2 <- function(y, x, cluster, at = ncol(x)) {
  found <- cr2_of(y, x, cluster, as.numeric(seq_len(ncol(x)) == at))
  c(found, list(value = least_squares(y, x)$beta[at]))
}

# The same of any combination of the coefficients.
cr2_of <- function(y, x, cluster, combination) {
  fit <- least_squares(y, x)
  direction <- as.vector(fit$bread %*% combination)
  rows <- split(seq_along(y), cluster)
  pulls <- lapply(rows, function(r) {
    own <- x[r, , drop = FALSE]
    adjusted <- matrix_power(diag(length(r)) - own %*% fit$bread %*% t(own), -0.5) %*% (own %*% direction)
    list(t = as.vector(adjusted), onto = as.vector(crossprod(own, adjusted)))
  })
  sums <- mapply(function(r, p) sum(p$t * fit$residual[r]), rows, pulls)
  onto <- do.call(rbind, lapply(pulls, function(p) p$onto))
  products <- diag(vapply(pulls, function(p) sum(p$t^2), 0), length(rows)) - onto %*% fit$bread %*% t(onto)
  list(error = sqrt(sum(sums^2)), df = sum(diag(products))^2 / sum(products^2))
}

# --- Logistic and log-linear regression ------------------------------------------------------------------------------

# Maximum likelihood by iteratively reweighted least squares, to the last digits.
fit_model <- function(y, x, family, offset = rep(0, length(y)), w = rep(1, length(y))) {
  control <- list(epsilon = 1e-15, maxit = 100, trace = FALSE)
  found <- suppressWarnings(glm.fit(x, y, weights = w, family = family, offset = offset, control = control))
  mu <- found$fitted.values
  working <- w * if (family$family == "poisson") mu else mu * (1 - mu)
  list(x = x, beta = unname(found$coefficients), mu = mu, working = working, score = w * (y - mu),
       bread = solve(crossprod(x, x * working)))
}

# Error of a combination of coefficients: a sandwich by rows (HC0 to HC3), by clusters (CR1), or the model's own.
model_error <- function(model, direction, errors, clusters = list()) {
  n <- nrow(model$x); k <- ncol(model$x)
  if (length(clusters) == 0 && errors == "classical") {
    return(list(error = sqrt(sum(direction * (model$bread %*% direction))), df = n - k))
  }
  pull <- as.vector(model$x %*% (model$bread %*% direction)) * model$score
  if (length(clusters) > 0) return(cr1(pull, n, k, clusters))
  leverage <- rowSums((model$x %*% model$bread) * model$x) * model$working
  power <- c(HC0 = 0, HC1 = 0, HC2 = 0.5, HC3 = 1)[[errors]]
  pull <- pull / pmax(1 - leverage, 1e-9)^power
  list(error = sqrt(sum(pull^2) * if (errors == "HC1") n / (n - k) else 1), df = n - k)
}

# Risks if everybody (among `rows`) were treated and if nobody were, put into one effect, and its slopes in the
# coefficients (delta method). The treatment is the last column.
standardised_effect <- function(model, effect, rows = seq_len(nrow(model$x))) {
  at <- function(arm) {
    x <- model$x[rows, , drop = FALSE]
    x[, ncol(x)] <- arm
    mu <- as.vector(plogis(x %*% model$beta))
    list(risk = mean(mu), slope = colMeans(x * (mu * (1 - mu))))
  }
  one <- at(1); zero <- at(0)
  if (effect == "risk-ratio") {
    return(list(value = log(one$risk / zero$risk), direction = one$slope / one$risk - zero$slope / zero$risk))
  }
  if (effect == "odds-ratio") {
    spread <- c(one$risk * (1 - one$risk), zero$risk * (1 - zero$risk))
    return(list(value = qlogis(one$risk) - qlogis(zero$risk),
                direction = one$slope / spread[1] - zero$slope / spread[2]))
  }
  list(value = one$risk - zero$risk, direction = one$slope - zero$slope)
}

# --- Answers ---------------------------------------------------------------------------------------------------------

# An effect with its interval and p-value. A ratio's are worked out on the log scale, where its standard error stays.
# df = NA: the normal distribution.
answer <- function(value, error, df, level, ratio, ...) {
  width <- (if (is.na(df)) qnorm(1 - (1 - level) / 2) else qt(1 - (1 - level) / 2, df)) * error
  p <- 2 * (if (is.na(df)) pnorm(-abs(value / error)) else pt(-abs(value / error), df))
  back <- if (ratio) exp else identity
  c(list(value = back(value), std_error = error, df = df, conf_low = back(value - width),
         conf_high = back(value + width), p_value = p), list(...))
}

# --- Side by side ----------------------------------------------------------------------------------------------------

# expected.json holds one number a line.
read_expected <- function(folder) {
  lines <- readLines(file.path(folder, "expected.json"), encoding = "UTF-8")
  pattern <- "^ *\\{\"outcome\": ([0-9]+), \"number\": \"([a-z_]+)\", \"expected\": ([-+0-9.eE]+),.*$"
  lines <- lines[grepl(pattern, lines)]
  data.frame(outcome = as.integer(sub(pattern, "\\1", lines)), number = sub(pattern, "\\2", lines),
             expected = as.numeric(sub(pattern, "\\3", lines)))
}

# Equal to six significant digits: half a unit of the sixth digit. Near nought the standard error is the measure.
agrees <- function(found, expected, error, tolerance) {
  is.finite(found) & abs(found - expected) <= tolerance * abs(expected) + 1e-9 * error
}

# Print what R found beside what is expected; say how many differ. `tolerance` is relative. Numbers named in `looser` may
# be off by a share `ends` of the standard error besides (times the number itself, where it is a ratio).
compare <- function(found, expected, tolerance = 5e-7, looser = character(0), ends = 0) {
  error <- max(0, expected$expected[expected$number == "std_error"])
  differ <- 0
  for (k in seq_len(nrow(expected))) {
    name <- expected$number[k]
    own <- found[[name]]
    own <- if (is.null(own) || length(own) != 1) NA else as.numeric(own)
    more <- if (name %in% looser) ends * error * max(1, abs(expected$expected[k])) else 0
    good <- agrees(own, expected$expected[k], error, tolerance) ||
      isTRUE(abs(own - expected$expected[k]) <= more)
    if (!isTRUE(good)) differ <- differ + 1
    cat(sprintf("  %-16s expected %22.15g   found in R %22.15g   %s\n", name, expected$expected[k], own,
                if (isTRUE(good)) "same" else "DIFFERENT"))
  }
  differ
}

# --- Matching --------------------------------------------------------------------------------------------------------

# Pairs (treated row, comparison row) by nearest neighbours on a score, within groups that must be alike exactly.
nearest_pairs <- function(score, treated, group, caliper, ratio, replace, order_of) {
  found <- matrix(0L, 0, 2)
  for (g in unique(group)) {
    ones <- which(treated == 1 & group == g)
    zeros <- which(treated == 0 & group == g)
    if (order_of == "largest") ones <- ones[order(-score[ones], ones)]
    if (order_of == "smallest") ones <- ones[order(score[ones], ones)]
    found <- rbind(found, if (order_of == "closest" && !replace) closest_first(score, ones, zeros, caliper, ratio)
                   else in_turn(score, ones, zeros, caliper, ratio, replace))
  }
  found
}

# Each treated person in turn takes the closest person still free; with replacement, the `ratio` closest of all.
in_turn <- function(score, ones, zeros, caliper, ratio, replace) {
  pairs <- list()
  free <- rep(TRUE, length(zeros))
  for (round in seq_len(if (replace) 1 else ratio)) {
    for (one in ones) {
      gap <- signif(abs(score[zeros] - score[one]), 10)
      near <- which(free & gap <= caliper)
      if (length(near) == 0) next
      chosen <- near[order(gap[near], zeros[near])][seq_len(min(length(near), if (replace) ratio else 1))]
      if (!replace) free[chosen] <- FALSE
      pairs[[length(pairs) + 1]] <- cbind(one, zeros[chosen])
    }
  }
  if (length(pairs) == 0) matrix(0L, 0, 2) else unname(do.call(rbind, pairs))
}

# The closest pair of all first; ties to the lowest treated row, then to the lowest comparison row.
closest_first <- function(score, ones, zeros, caliper, ratio) {
  pairs <- list()
  free <- rep(TRUE, length(zeros))
  for (round in seq_len(ratio)) {
    waiting <- ones
    while (length(waiting) > 0 && any(free)) {
      gap <- signif(abs(outer(score[waiting], score[zeros[free]], "-")), 10)
      if (min(gap) > caliper) break
      place <- which(gap == min(gap), arr.ind = TRUE)
      place <- place[order(waiting[place[, 1]], zeros[free][place[, 2]]), , drop = FALSE][1, ]
      chosen <- which(free)[place[2]]
      pairs[[length(pairs) + 1]] <- c(waiting[place[1]], zeros[chosen])
      free[chosen] <- FALSE
      waiting <- waiting[-place[1]]
    }
  }
  if (length(pairs) == 0) matrix(0L, 0, 2) else unname(do.call(rbind, pairs))
}

# --- A random intercept ----------------------------------------------------------------------------------------------

# Normal equations of generalised least squares at a ratio of variances r = tau2 / sigma2 (up to sigma2), the outcome
# as the last column: Z'Z less, for each cluster, r / (1 + n r) times the products of its column sums.
mixed_moments <- function(z, group, ratio) {
  size <- tabulate(group)
  crossprod(z) - crossprod(rowsum(z, group) * sqrt(ratio / (1 + size * ratio)))
}

# Slope of -2 x the restricted log likelihood in the ratio.
reml_slope <- function(ratio, z, group) {
  size <- tabulate(group); p <- ncol(z) - 1; free <- nrow(z) - p
  moments <- mixed_moments(z, group, ratio)
  b <- solve(moments[1:p, 1:p], moments[1:p, p + 1])
  left <- c(-b, 1)
  rest <- sum(left * (moments %*% left))
  change <- -crossprod(rowsum(z, group) / (1 + size * ratio))
  free * sum(left * (change %*% left)) / rest + sum(size / (1 + size * ratio)) +
    sum(diag(solve(moments[1:p, 1:p], change[1:p, 1:p, drop = FALSE])))
}

# The ratio at which that slope is nought, near a first value; nought where the likelihood only falls from there.
reml_ratio <- function(y, x, group, start) {
  z <- cbind(x, y)
  if (start < 1e-8) return(0)
  low <- start / 1.5; high <- start * 1.5
  while (reml_slope(low, z, group) > 0 && low > 1e-12) low <- low / 2
  while (reml_slope(high, z, group) < 0) high <- high * 2
  uniroot(reml_slope, c(low, high), z = z, group = group, tol = 1e-15 * start, maxiter = 1000)$root
}

random_intercept <- function(y, x, group, ratio) {
  p <- ncol(x)
  moments <- mixed_moments(cbind(x, y), group, ratio)
  beta <- solve(moments[1:p, 1:p], moments[1:p, p + 1])
  rest <- moments[p + 1, p + 1] - sum(beta * moments[1:p, p + 1])
  sigma2 <- rest / (nrow(x) - p)
  list(beta = beta, covariance = sigma2 * solve(moments[1:p, 1:p]), sigma2 = sigma2, tau2 = ratio * sigma2,
       x = x, group = group)
}

# Kenward and Roger's error and degrees of freedom of the last coefficient. V = tau2 J + sigma2 I in each cluster;
# P_i = -X'V^-1 G_i V^-1 X and Q_ij = X'V^-1 G_i V^-1 G_j V^-1 X with G_1 = J, G_2 = I; W inverts the expected
# information. The variance is linear in its parameters, so that no third term is needed.
kenward_roger <- function(mixed) {
  x <- mixed$x; group <- mixed$group; phi <- mixed$covariance; p <- ncol(x)
  size <- tabulate(group); s2 <- mixed$sigma2; v <- s2 + size * mixed$tau2
  sums <- rowsum(x, group)
  within <- crossprod(x - (sums / size)[group, , drop = FALSE])
  between <- function(weight) crossprod(sums / size * sqrt(weight))
  first <- list(-between(size^2 / v^2), -(within / s2^2 + between(size / v^2)))
  q12 <- between(size^2 / v^3)
  second <- list(list(between(size^3 / v^3), q12), list(q12, within / s2^3 + between(size / v^3)))
  traces <- matrix(c(sum(size^2 / v^2), sum(size / v^2), sum(size / v^2),
                     (nrow(x) - length(size)) / s2^2 + sum(1 / v^2)), 2, 2)
  trace_of <- function(m) sum(diag(m))
  expected <- matrix(0, 2, 2)
  for (i in 1:2) for (j in 1:2) {
    expected[i, j] <- (traces[i, j] - 2 * trace_of(phi %*% second[[i]][[j]]) +
                         trace_of(phi %*% first[[i]] %*% phi %*% first[[j]])) / 2
  }
  spread <- solve(expected)
  side <- phi[, p]
  variance <- phi[p, p]
  slopes <- vapply(first, function(part) -sum(side * (part %*% side)), 0)
  correction <- matrix(0, p, p)
  for (i in 1:2) for (j in 1:2) {
    correction <- correction + spread[i, j] * (second[[i]][[j]] - first[[i]] %*% phi %*% first[[j]])
  }
  list(error = sqrt(variance + 2 * sum(side * (correction %*% side))),
       df = 2 * variance^2 / sum(slopes * (spread %*% slopes)))
}

# --- A cut-off -------------------------------------------------------------------------------------------------------

# Weight of people `u` bandwidths from the cut-off.
kernel_weights <- function(u, kernel) {
  switch(kernel, triangular = pmax(1 - abs(u), 0), epanechnikov = 0.75 * pmax(1 - u^2, 0), uniform = 0.5 * (abs(u) <= 1))
}

# A polynomial of one side: `weights` give its end at the cut-off as a sum over outcomes, `top` its highest coefficient.
local_fit <- function(x, h, p, kernel) {
  u <- x / h
  k <- kernel_weights(u, kernel)
  powers <- outer(u, 0:p, "^")
  inverse <- solve(crossprod(powers, powers * k))
  list(kernel = k, powers = powers, inverse = inverse, weights = k * as.vector(powers %*% inverse[1, ]),
       top = k * as.vector(powers %*% inverse[p + 1, ]) / h^p)
}

# Residuals of such a fit where it has any weight, scaled as HC1, HC2 or HC3 ask.
polynomial_residuals <- function(fit, y, kind) {
  left <- y - as.vector(fit$powers %*% (fit$inverse %*% crossprod(fit$powers, y * fit$kernel)))
  n <- sum(fit$kernel > 0)
  leverage <- rowSums((fit$powers %*% fit$inverse) * fit$powers) * fit$kernel
  if (kind == "HC1") left <- left * sqrt(n / max(n - ncol(fit$powers), 1))
  if (kind == "HC2") left <- left / sqrt(pmax(1 - leverage, 1e-9))
  if (kind == "HC3") left <- left / pmax(1 - leverage, 1e-9)
  ifelse(fit$kernel > 0, left, 0)
}

# What an outcome differs by from its three nearest neighbours in the score (all of a score together, ties on both sides
# together), scaled to the spread of one person. `x` ascends.
neighbour_residuals <- function(x, y, matches = 3) {
  scores <- unique(x); blocks <- length(scores)
  starts <- c(match(scores, x), length(x) + 1)
  wanted <- min(matches, length(x) - 1)
  apart <- numeric(length(x))
  for (block in seq_len(blocks)) {
    low <- block; high <- block
    while (starts[high + 1] - starts[low] - 1 < wanted) {
      down <- if (low > 1) scores[block] - scores[low - 1] else Inf
      up <- if (high < blocks) scores[high + 1] - scores[block] else Inf
      if (down <= up * (1 + 1e-9)) low_next <- low - 1 else low_next <- low
      if (up <= down * (1 + 1e-9)) high <- high + 1
      low <- low_next
    }
    inside <- starts[low]:(starts[high + 1] - 1)
    m <- length(inside) - 1
    for (row in starts[block]:(starts[block + 1] - 1)) {
      apart[row] <- sqrt(m / (m + 1)) * (y[row] - (sum(y[inside]) - y[row]) / max(m, 1))
    }
  }
  apart
}
