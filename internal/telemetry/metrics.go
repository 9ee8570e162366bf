package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of the server. Make one with [NewMetrics].
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	tokens   *prometheus.CounterVec

	introspections *prometheus.CounterVec
	revocations    *prometheus.CounterVec
	refreshes      *prometheus.CounterVec

	answers      known[answered, series]
	issued       known[issued, prometheus.Counter]
	introspected known[bool, prometheus.Counter]

	// ours has what [Metrics.Figures] reads, whatever else the registry of all has.
	ours *prometheus.Registry
}

// Refresh is how a use of a refresh token ended, as far as its family goes.
type Refresh string

// The outcomes of a refresh.
const (
	// RefreshRenewed made the next refresh token.
	RefreshRenewed Refresh = "renewed"
	// RefreshRepeated gave the same answer again, within the grace.
	RefreshRepeated Refresh = "repeated"
	// RefreshKept gave the same refresh token back: the key does not rotate.
	RefreshKept Refresh = "kept"
	// RefreshReused revoked the family, since the token had been used before.
	RefreshReused Refresh = "reused"
	// RefreshRevoked met a family that had been revoked.
	RefreshRevoked Refresh = "revoked"
	// RefreshFailed could not reach the store.
	RefreshFailed Refresh = "failed"
)

// Revocation is how a request to revoke a token ended.
type Revocation string

// The outcomes of a revocation.
const (
	// RevokedToken ended one access token.
	RevokedToken Revocation = "token"
	// RevokedFamily ended a family of refresh tokens with its access tokens.
	RevokedFamily Revocation = "family"
	// RevokedNothing had nothing to end: the token was unknown or over.
	RevokedNothing Revocation = "nothing"
	// RevocationRefused was for the token of another key.
	RevocationRefused Revocation = "refused"
	// RevocationFailed could not reach the store.
	RevocationFailed Revocation = "failed"
)

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
		introspections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grantd_introspections_total",
			Help: "Tokens introspected, by whether the caller was told that they are active.",
		}, []string{"active"}),
		revocations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grantd_revocations_total",
			Help: "Requests to revoke a token, by what they ended: token, family, nothing, refused or failed.",
		}, []string{"outcome"}),
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grantd_refreshes_total",
			Help: "Uses of a valid refresh token, by outcome: renewed, repeated, kept, reused, revoked or failed.",
		}, []string{"outcome"}),
	}
	registry.MustRegister(m.requests, m.duration, m.tokens, m.introspections, m.revocations, m.refreshes)
	m.ours = prometheus.NewRegistry()
	m.ours.MustRegister(m.requests, m.duration)
	return m
}

// Request counts one answered request. The error is an OAuth error code or "".
func (m *Metrics) Request(route string, status int, code string, took time.Duration) {
	s := m.answers.get(answered{route: route, code: code, status: status}, m.findSeries)
	s.requests.Inc()
	s.duration.Observe(took.Seconds())
}

// Token counts one issued access token.
func (m *Metrics) Token(grantType, format string) {
	m.issued.get(issued{grantType, format}, m.findToken).Inc()
}

// Introspection counts one introspected token.
func (m *Metrics) Introspection(active bool) {
	m.introspected.get(active, m.findIntrospection).Inc()
}

// Revocation counts one request to revoke a token.
func (m *Metrics) Revocation(outcome Revocation) {
	m.revocations.WithLabelValues(string(outcome)).Inc()
}

// Refresh counts one use of a refresh token.
func (m *Metrics) Refresh(outcome Refresh) {
	m.refreshes.WithLabelValues(string(outcome)).Inc()
}
