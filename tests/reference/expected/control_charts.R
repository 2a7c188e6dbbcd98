# Limits of control charts by their textbook formulas in base R (R 4.2.2): c, u, p, XmR as in Montgomery, Introduction to
# Statistical Quality Control (6th edition, chapters 6 and 7; its data and printed limits), and Laney's p' and u' (2002).
# Rscript control_charts.R > control_charts.json
mr <- function(x) mean(abs(diff(x))) / 1.128
printed <- function(x) paste0("[", paste(format(x, digits = 12, trim = TRUE), collapse = ", "), "]")
case <- function(name, kind, values, sizes, middle, low, high, spread, book) cat(sprintf(
  '  {"name": "%s", "kind": "%s", "values": %s, "sizes": %s, "middle": %.12g,\n   "low": %s, "high": %s, "spread": %.12g, "book": %s}',
  name, kind, printed(values), printed(sizes), middle, printed(low), printed(high), spread, book))
boards <- c(21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15)
cans <- c(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
viscosity <- c(33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84)
deaths <- as.numeric(UKDriverDeaths)[1:24]; months <- rep(c(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 2)
shares <- as.numeric(UKDriverDeaths)[25:48]; drivers <- rep(4000, 24)
cat('{"source": "control_charts.R", "values": [\n')
m <- mean(boards); z <- (boards - m) / sqrt(m); s <- max(1, mr(z))
case("circuit boards", "c", boards, rep(1, 26), m, rep(max(0, m - 3 * s * sqrt(m)), 26), rep(m + 3 * s * sqrt(m), 26), s,
     "[19.85, 6.48, 33.22]"); cat(",\n")
p <- cans / 50; m <- mean(p); e <- sqrt(m * (1 - m) / 50); s <- max(1, mr((p - m) / e))
case("orange juice cans", "p", p, rep(50, 30), m, rep(max(0, m - 3 * s * e), 30), rep(m + 3 * s * e, 30), s,
     "[0.2313, 0.0524, 0.4102]"); cat(",\n")
m <- mean(viscosity); e <- mr(viscosity)
case("viscosity", "XmR", viscosity, rep(1, 15), m, rep(m - 3 * e, 15), rep(m + 3 * e, 15), 1, "[33.52, 32.24, 34.80]")
cat(",\n")
u <- deaths / months; m <- sum(deaths) / sum(months); e <- sqrt(m / months); s <- max(1, mr((u - m) / e))
case("deaths a day", "u", u, months, m, pmax(0, m - 3 * s * e), m + 3 * s * e, s, "null"); cat(",\n")
q <- shares / drivers; m <- sum(shares) / sum(drivers); e <- sqrt(m * (1 - m) / drivers); s <- max(1, mr((q - m) / e))
case("share of drivers", "p", q, drivers, m, pmax(0, m - 3 * s * e), pmin(1, m + 3 * s * e), s, "null")
cat("\n]}\n")
