package telemetry_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/telemetry"
)

func TestFiguresOfARouteAreThoseSinceTheLastLook(t *testing.T) {
	m := telemetry.NewMetrics(prometheus.NewRegistry())
	figures := func() telemetry.Figures {
		t.Helper()
		f, err := m.Figures("/token")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	is := func(name string, f telemetry.Figures, ok, failed uint64, mean, p99 time.Duration) {
		t.Helper()
		if f.OK != ok || f.Failed != failed || f.Mean().Round(time.Microsecond) != mean || f.AtMost(.99) != p99 {
			t.Errorf("%s: got %d and %d, mean %s, p99 %s; want %d and %d, %s, %s", name, f.OK, f.Failed, f.Mean(), f.AtMost(.99), ok, failed, mean, p99)
		}
	}
	none := figures()
	is("before any request", none, 0, 0, 0, 0)
	for range 98 {
		m.Request("/token", 200, "", 50*time.Microsecond)
	}
	m.Request("/token", 401, "invalid_client", 300*time.Microsecond)
	m.Request("/token", 503, "server_error", 3*time.Millisecond)
	m.Request("/token", 204, "", 0)
	m.Request("/other", 200, "", time.Second)
	first := figures().Since(none)
	is("the first hundred", first, 98, 2, 81*time.Microsecond, 500*time.Microsecond)
	for range 10 {
		m.Request("/token", 200, "", 4*time.Second)
	}
	is("what came after it", figures().Since(first), 10, 0, 4*time.Second, 2500*time.Millisecond)
	is("nothing new", figures().Since(figures()), 0, 0, 0, 0)
}
