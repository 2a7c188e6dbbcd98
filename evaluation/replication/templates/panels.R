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
