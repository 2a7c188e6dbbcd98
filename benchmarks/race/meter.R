# One contender in R, once: Rscript meter.R SCRIPT DATA.csv. SCRIPT defines prepare(path), which loads packages, reads the
# data, warms up and gives the work: a function that returns a named list of numbers. Prints one line of JSON.
held <- function(line) {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep(paste0("^", line), status, value = TRUE))) / 1024
}
used <- function() sum(proc.time()[c(1, 2, 4, 5)])
words <- commandArgs(trailingOnly = TRUE)
source(words[1])
work <- suppressPackageStartupMessages(suppressWarnings(prepare(words[2])))
invisible(gc())
before <- held("VmRSS")
try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
began <- proc.time()[["elapsed"]]
cpu <- used()
found <- suppressWarnings(work())
cpu <- used() - cpu
wall <- proc.time()[["elapsed"]] - began
numbers <- paste(sprintf('"%s": %.15g', names(found), unlist(found)), collapse = ", ")
cat(sprintf('{"found": {%s}, "version": "%s", "cpu": %f, "wall": %f, "peak_mb": %f, "before_mb": %f}\n',
            numbers, version_of(), cpu, wall, held("VmHWM"), before))
