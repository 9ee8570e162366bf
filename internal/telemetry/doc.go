// Package telemetry is how grantd speaks to its operator: the logger with
// redaction and the metrics. It knows nothing of OAuth and of the store.
//
// Values of metric labels come from closed sets, never from a request.
package telemetry
