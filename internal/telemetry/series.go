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

// known keeps the series that were used before: finding them by their labels
// costs more than counting.
type known struct {
	mu    sync.Mutex
	table atomic.Pointer[map[answered]series]
}

func (m *Metrics) series(a answered) series {
	table := m.known.table.Load()
	if table != nil {
		found, there := (*table)[a]
		if there {
			return found
		}
	}
	m.known.mu.Lock()
	defer m.known.mu.Unlock()
	more := map[answered]series{}
	table = m.known.table.Load()
	if table != nil {
		maps.Copy(more, *table)
	}
	more[a] = series{
		requests: m.requests.WithLabelValues(a.route, strconv.Itoa(a.status), a.code),
		duration: m.duration.WithLabelValues(a.route),
	}
	m.known.table.Store(&more)
	return more[a]
}
