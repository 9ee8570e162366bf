# Sourced by every R client: the environment, and one JSON object with the token as the library reports it or its error.
env <- function(name) {
  value <- Sys.getenv(name)
  if (nzchar(value)) value
}

report <- function(answer) {
  answer <- tryCatch(answer, error = function(e) list(error = conditionMessage(e)))
  cat(jsonlite::toJSON(answer, auto_unbox = TRUE, null = "null"), "\n", sep = "")
}
