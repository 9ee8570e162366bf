// Package usage counts what keys are used for: in memory beside the requests, in
// compact batches, one node's minute each, and merged by hour and day.
//
// It knows neither requests nor SQL. Nothing on the path of a request locks, waits
// or allocates here, once a key has been seen in the minute.
package usage
