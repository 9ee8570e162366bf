package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// nodeList is the page of nodes: all of them as they told last, and the one that made the
// page as it is now.
type nodeList struct {
	Here  Node
	Nodes []admin.Node
}

func (v *visit) nodesPage() error {
	found, err := v.c.UseCases.ListNodes(v.r.Context())
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "nodes", "Nodes", "nodes", nodeList{v.c.Node(), found.Items})
}

// rate writes how often something happens in a second, with as many digits as say
// something.
func rate(perSecond float64) string {
	switch {
	case perSecond == 0:
		return "0"
	case perSecond < 0.1:
		return "< 0.1"
	case perSecond < 10:
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	}
	return strconv.FormatFloat(perSecond, 'f', 0, 64)
}

// took writes how long something takes.
func took(seconds float64) string {
	const microsecond, millisecond = 1e-6, 1e-3
	switch {
	case seconds <= 0:
		return "–"
	case seconds < millisecond:
		return fmt.Sprintf("%.0f µs", seconds/microsecond)
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", seconds/millisecond)
	}
	return fmt.Sprintf("%.3g s", seconds)
}

// span writes a time that may be long, or never to have begun.
func span(seconds float64) string {
	const unknown = 100 * 365 * 24 * time.Hour
	if seconds > unknown.Seconds() {
		return "it never heard from it"
	}
	if seconds >= 60 {
		return plural(int(seconds/60), "minute")
	}
	return took(seconds)
}
