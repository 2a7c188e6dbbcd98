suppressPackageStartupMessages({library(sandwich); library(MASS); library(jsonlite)})
d <- read.csv("tests/reference/data/seatbelts_its.csv"); n <- nrow(d)
d$t <- 1:n; d$post <- d$law; t0 <- which(d$post==1)[1]; d$since <- pmax(0, d$t - t0) * d$post
for (k in 1:2) { d[[paste0("s",k)]] <- sin(2*pi*k*d$month/12); d[[paste0("c",k)]] <- cos(2*pi*k*d$month/12) }
out <- list()
f <- lm(drivers ~ post + since + t + s1 + c1 + s2 + c2, d)
for (L in c(1,3,6,12)) { v <- NeweyWest(f, lag=L, prewhite=FALSE, adjust=TRUE); out[[paste0("drivers_lm_nw",L)]] <- list(level=coef(f)[["post"]], level_se=sqrt(v["post","post"]), slope=coef(f)[["since"]], slope_se=sqrt(v["since","since"]),
   average={w<-mean(d$since[d$post==1]); coef(f)[["post"]]+w*coef(f)[["since"]]}, average_se={w<-mean(d$since[d$post==1]); sqrt(v["post","post"]+w^2*v["since","since"]+2*w*v["post","since"])}) }
# Breusch-Godfrey by hand, zeros before the first residual
e <- residuals(f); Z <- sapply(1:12, function(l) c(rep(0,l), e[1:(n-l)])); aux <- lm(e ~ model.matrix(f) + Z - 1)
out$drivers_bg12 <- list(statistic=n*(1-sum(residuals(aux)^2)/sum(e^2)), p=1-pchisq(n*(1-sum(residuals(aux)^2)/sum(e^2)),12)); out$drivers_dw <- sum(diff(e)^2)/sum(e^2)
X <- model.matrix(f)[,-1]
for (o in list(c(1,0,0), c(0,0,1))) { a <- arima(d$drivers, order=o, xreg=X, method="ML"); out[[paste0("drivers_arima_",paste(o,collapse=""))]] <- list(level=coef(a)[["post"]], level_se=sqrt(vcov(a)["post","post"])) }
l <- log(d$DriversKilled); f2 <- model.matrix(~ post + t + s1 + c1 + s2 + c2, d)[,-1]
for (o in list(c(1,0,0), c(0,1,1))) { a <- arima(l, order=o, xreg=f2, method="ML"); out[[paste0("killed_log_arima_",paste(o,collapse=""))]] <- list(level=coef(a)[["post"]], level_se=sqrt(vcov(a)["post","post"])) }
g <- glm(DriversKilled ~ post + since + t + s1 + c1 + s2 + c2 + offset(log(kms)), poisson, d)
phi <- sum(residuals(g,"pearson")^2)/g$df.residual
avg <- function(b) { x1 <- model.matrix(g); x0 <- x1; x0[,c("post","since")] <- 0; w <- d$post==1; log(sum(d$kms[w]*exp(x1[w,]%*%b))) - log(sum(d$kms[w]*exp(x0[w,]%*%b))) }
gr <- function(b, h=1e-6) sapply(seq_along(b), function(j) { u<-b; u[j]<-u[j]+h; v<-b; v[j]<-v[j]-h; (avg(u)-avg(v))/(2*h) })
dl <- gr(coef(g)); v <- NeweyWest(g, lag=5, prewhite=FALSE, adjust=TRUE)
out$killed_offset <- list(level=coef(g)[["post"]], slope=coef(g)[["since"]], average=avg(coef(g)), average_se_quasi=sqrt(drop(dl%*%vcov(g)%*%dl)*phi), average_se_nw5=sqrt(drop(dl%*%v%*%dl)), phi=phi)
h <- glm.nb(DriversKilled ~ post + since + t + s1 + c1 + s2 + c2 + offset(log(kms)), d); out$killed_offset_nb <- list(level=coef(h)[["post"]], level_se=sqrt(vcov(h)["post","post"]), theta=h$theta)
# controlled, least squares: the difference of two series
d$gap <- d$front - d$rear; f3 <- lm(gap ~ post + since + t + s1 + c1 + s2 + c2, d); v <- NeweyWest(f3, lag=5, prewhite=FALSE, adjust=TRUE); out$front_less_rear_lm_nw5 <- list(level=coef(f3)[["post"]], level_se=sqrt(v["post","post"]))
# REML AR(1)
suppressPackageStartupMessages(library(nlme)); r <- gls(drivers ~ post + since + t + s1 + c1 + s2 + c2, d, correlation=corAR1(form=~t), method="REML", control=glsControl(tolerance=1e-10))
out$drivers_reml <- list(rho=unname(coef(r$modelStruct$corStruct, unconstrained=FALSE)), level=coef(r)[["post"]], level_se=sqrt(vcov(r)["post","post"]))
m <- factor(d$month); f4 <- lm(drivers ~ post + t + m, d); v <- NeweyWest(f4, lag=4, prewhite=FALSE, adjust=TRUE); out$drivers_dummies_nw4 <- list(level=coef(f4)[["post"]], level_se=sqrt(v["post","post"]))
# phase-in over 3 months, two years left out, a break two years before
d$ramp <- pmin(1, (d$since+1)/4)*d$post; d$since3 <- pmax(0, d$since-3)*d$post; d$brk <- as.integer(d$t >= t0-24); k <- !(d$year %in% c(1974)); f5 <- lm(drivers ~ ramp + since3 + brk + t + s1 + c1 + s2 + c2, d[k,]); out$drivers_ramp_break <- list(level=coef(f5)[["ramp"]], level_se=summary(f5)$coef["ramp",2], slope=coef(f5)[["since3"]], break_step=coef(f5)[["brk"]], df=f5$df.residual)
out$software <- paste0("R ", R.version$major, ".", R.version$minor, ", sandwich ", packageVersion("sandwich"), ", MASS ", packageVersion("MASS"), ", nlme ", packageVersion("nlme"))
cat(toJSON(out, auto_unbox=TRUE, digits=14, pretty=TRUE))
