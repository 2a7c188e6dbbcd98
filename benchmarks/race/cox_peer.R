# Run by Rscript with people.csv and FULL or FIT: seconds of coxph (and of robust errors and cox.zph), coefficients.
suppressPackageStartupMessages(library(survival))
words <- commandArgs(trailingOnly = TRUE)
d <- read.csv(words[1])
full <- words[2] == "FULL"
x <- as.matrix(d[, grep("^x", names(d))])
began <- proc.time()[["elapsed"]]
f <- coxph(Surv(d$stop, d$event) ~ x, robust = full)
fitted <- proc.time()[["elapsed"]] - began
z <- cox.zph(coxph(Surv(d$stop, d$event) ~ x), transform = "km")
cat(sprintf('{"seconds": %f, "fit_seconds": %f, "version": "%s", "coefficients": [%s]}', proc.time()[["elapsed"]] - began,
            fitted, as.character(packageVersion("survival")), paste(sprintf("%.15g", coef(f)), collapse = ", ")))
