# Run by Rscript with pupils.csv: seconds of lmer by REML, and its answers. No degrees of freedom: lme4 gives none.
suppressPackageStartupMessages(library(lme4))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
x <- as.matrix(d[, grep("^x", names(d))])
began <- proc.time()[["elapsed"]]
f <- lmer(d$y ~ x - 1 + (1 | d$school), REML = TRUE)
seconds <- proc.time()[["elapsed"]] - began
p <- ncol(x)
cat(sprintf('{"seconds": %f, "version": "%s", "value": %.15g, "std_error": %.15g, "tau2": %.15g, "sigma2": %.15g}',
            seconds, as.character(packageVersion("lme4")), fixef(f)[p], sqrt(as.matrix(vcov(f))[p, p]),
            as.data.frame(VarCorr(f))$vcov[1], sigma(f)^2))
