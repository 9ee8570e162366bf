# What every Ruby client prints: one JSON object with the token as the library reports it, or its error.
require 'json'

def report
  puts JSON.generate(yield.compact)
rescue StandardError => e
  puts JSON.generate(error: e.message)
end
