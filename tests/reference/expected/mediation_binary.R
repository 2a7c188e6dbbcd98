# Standardised parts where mediator or outcome is yes or no, in base R: glm, lm and integrate() over a normal mediator.
# Run in tests/reference: Rscript expected/mediation_binary.R > expected/mediation_binary.json   (R 4.2.2)
k <- read.csv("data/star_kindergarten.csv")
k <- k[k$stark %in% c("small", "regular") & !is.na(k$readk) & !is.na(k$mathk) & k$lunchk != "" & !is.na(k$lunchk), ]
d0 <- data.frame(t = as.numeric(k$stark == "small"), read = k$readk, maths = k$mathk, free = as.numeric(k$lunchk == "free"))
split_of <- function(d, bm, by) {
  m <- if (bm) glm(m ~ t + free, binomial, d) else lm(m ~ t + free, d)
  y <- if (by) glm(y ~ t * m + free, binomial, d) else lm(y ~ t * m + free, d)
  bt <- coef(m); b <- coef(y); s <- if (bm) NA else summary(m)$sigma
  mean_of <- function(t, u) {
    cell <- function(f) {
      mu <- bt[["(Intercept)"]] + bt[["t"]] * u + bt[["free"]] * f
      at <- function(z) { e <- b[["(Intercept)"]] + b[["t"]] * t + b[["m"]] * z + b[["t:m"]] * t * z + b[["free"]] * f; if (by) plogis(e) else e }
      if (bm) { p <- plogis(mu); return((1 - p) * at(0) + p * at(1)) }
      integrate(function(z) at(mu + s * z) * dnorm(z), -10, 10, rel.tol = 1e-10)$value
    }
    mean(c(cell(0), cell(1))[d$free + 1])
  }
  v <- outer(0:1, 0:1, Vectorize(mean_of))
  c(indirect = mean(v[, 2] - v[, 1]), direct = mean(v[2, ] - v[1, ]), total = v[2, 2] - v[1, 1])
}
num <- function(z) paste(formatC(z, digits = 15, format = "g"), collapse = ", ")
said <- function(name, bm, by, seed) {
  d <- d0; d$m <- if (bm) as.numeric(d$read > 440) else d$read; d$y <- if (by) as.numeric(d$maths > 500) else d$maths
  v <- split_of(d, bm, by)
  set.seed(seed); arms <- split(seq_len(nrow(d)), d$t)
  e <- apply(replicate(300, split_of(d[unlist(lapply(arms, sample, replace = TRUE)), ], bm, by)), 1, sd)
  sprintf('  "%s": {"n": %d, "values": [%s], "errors": [%s], "draws": 300, "seed": %d}', name, nrow(d), num(v), num(e), seed)
}
cat("{\n", said("yes or no mediator", TRUE, FALSE, 1), ",\n", said("yes or no outcome", FALSE, TRUE, 2), ",\n",
  said("both", TRUE, TRUE, 3), "\n}\n", sep = "")
