package telemetry

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// answered tells one kind of answer from another. All three come from closed
// sets.
type answered struct {
	route, code string
	status      int
}

// series are what counts one kind of answer.
type series struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

func (m *Metrics) findSeries(a answered) series {
	return series{
		requests: m.requests.WithLabelValues(a.route, strconv.Itoa(a.status), a.code),
		duration: m.duration.WithLabelValues(a.route),
	}
}

// issued tells one kind of token from another; both come from closed sets.
type issued struct{ grantType, format string }

func (m *Metrics) findToken(i issued) prometheus.Counter {
	return m.tokens.WithLabelValues(i.grantType, i.format)
}

func (m *Metrics) findIntrospection(active bool) prometheus.Counter {
	return m.introspections.WithLabelValues(strconv.FormatBool(active))
}

// known keeps what was found by its labels before: finding it again that way
// costs more than counting.
type known[K comparable, V any] struct {
	mu    sync.Mutex
	table atomic.Pointer[map[K]V]
}

func (k *known[K, V]) get(key K, find func(K) V) V {
	table := k.table.Load()
	if table != nil {
		found, there := (*table)[key]
		if there {
			return found
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	more := map[K]V{}
	table = k.table.Load()
	if table != nil {
		maps.Copy(more, *table)
	}
	more[key] = find(key)
	k.table.Store(&more)
	return more[key]
}
