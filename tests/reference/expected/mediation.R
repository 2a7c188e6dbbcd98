# Indirect and direct effects with arm x mediator, and the rho of Imai, Keele and Yamamoto (2010), in base R.
# Run in tests/reference: Rscript expected/mediation.R > expected/mediation.json   (R 4.2.2)
# early: cognitive score at age 2 by way of that at age 1. star: maths by way of reading, for the arithmetic alone.
split_of <- function(d, x) {
  for (name in x) d[[name]] <- d[[name]] - mean(d[[name]])
  right <- if (length(x)) paste("+", paste(x, collapse = " + ")) else ""
  m <- lm(as.formula(paste("m ~ t", right)), d)
  y <- lm(as.formula(paste("y ~ t * m", right)), d)
  r <- lm(as.formula(paste("y ~ t", right)), d)
  a <- coef(m)[["t"]]; m0 <- coef(m)[["(Intercept)"]]
  b <- coef(y)[["m"]]; c <- coef(y)[["t:m"]]; t <- coef(y)[["t"]]
  indirect <- mean(c(a * b, a * (b + c)))
  direct <- mean(c(t + c * m0, t + c * (m0 + a)))
  rho <- cor(resid(m), resid(r))
  s <- c(summary(r)$sigma, summary(m)$sigma)
  at <- function(k) a * s[1] / s[2] * (rho - k * sqrt((1 - rho^2) / (1 - k^2)))
  c(indirect = indirect, direct = direct, total = indirect + direct, rho = rho, at_minus = at(-0.3), at_plus = at(0.6))
}
boot <- function(d, x, draws, seed) {
  set.seed(seed)
  arms <- split(seq_len(nrow(d)), d$t)
  found <- replicate(draws, split_of(d[unlist(lapply(arms, sample, replace = TRUE)), ], x)[1:3])
  apply(found, 1, quantile, c(0.025, 0.975))
}
said <- function(name, d, x, draws, seed) {
  v <- split_of(d, x); q <- boot(d, x, draws, seed)
  num <- function(z) formatC(z, digits = 15, format = "g")
  sprintf('  "%s": {"n": %d, %s,\n    "low": [%s], "high": [%s], "draws": %d, "seed": %d}', name, nrow(d),
    paste(sprintf('"%s": %s', names(v), num(v)), collapse = ", "), paste(num(q[1, ]), collapse = ", "),
    paste(num(q[2, ]), collapse = ", "), draws, seed)
}
e <- read.csv("data/early_childhood_growth.csv")
w <- merge(e[e$age == 1, c("id", "cog", "trt")], e[e$age == 2, c("id", "cog")], by = "id")
early <- data.frame(t = as.numeric(w$trt == "Y"), m = w$cog.x, y = w$cog.y)
k <- read.csv("data/star_kindergarten.csv")
k <- k[k$stark %in% c("small", "regular") & !is.na(k$readk) & !is.na(k$mathk) & k$lunchk != "" & !is.na(k$lunchk), ]
star <- data.frame(t = as.numeric(k$stark == "small"), m = k$readk, y = k$mathk,
  free = as.numeric(k$lunchk == "free"), girl = as.numeric(k$gender == "female"))
cat("{\n", said("early", early, character(0), 4000, 1), ",\n", said("star", star, c("free", "girl"), 1000, 2), "\n}\n", sep = "")
