package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const statementsMetric = "grantd_store_statements_total"

// counters are the values of one metric by its labels.
type counters map[string]float64

func (c counters) total() float64 {
	sum := 0.0
	for _, value := range c {
		sum += value
	}
	return sum
}

// since returns what was counted after before, without what stood still.
func (c counters) since(before counters) counters {
	grown := counters{}
	for name, value := range c {
		if value != before[name] {
			grown[name] = value - before[name]
		}
	}
	return grown
}

func (c counters) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%s %.0f", name, c[name]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// statements reads how many SQL statements the server has run, by statement.
func (g *grantd) statements(ctx context.Context) (counters, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.admin+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the metrics: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the metrics: %s", resp.Status)
	}
	return parseCounters(resp.Body, statementsMetric)
}

// parseCounters reads one metric with one label from the Prometheus text format.
func parseCounters(text io.Reader, metric string) (counters, error) {
	found := counters{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		rest, matches := strings.CutPrefix(lines.Text(), metric+"{")
		if !matches {
			continue
		}
		labels, value, _ := cutLast(rest, "} ")
		_, label, _ := strings.Cut(labels, `="`)
		count, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("metric %s: %w", metric, err)
		}
		found[strings.TrimSuffix(label, `"`)] = count
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the server has no metric %s", metric)
	}
	return found, lines.Err()
}
