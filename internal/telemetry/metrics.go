package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of the server. Make one with [NewMetrics].
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	tokens   *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grantd_http_requests_total",
			Help: "Requests answered, by route, status and OAuth error code.",
		}, []string{"route", "status", "error"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "grantd_http_request_duration_seconds",
			Help:    "Time from the request's headers to the end of the answer, by route.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grantd_tokens_issued_total",
			Help: "Access tokens issued, by grant type and token format.",
		}, []string{"grant_type", "format"}),
	}
	registry.MustRegister(m.requests, m.duration, m.tokens)
	return m
}

// Request counts one answered request. The error is an OAuth error code or "".
func (m *Metrics) Request(route string, status int, code string, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status), code).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}

// Token counts one issued access token.
func (m *Metrics) Token(grantType, format string) {
	m.tokens.WithLabelValues(grantType, format).Inc()
}
