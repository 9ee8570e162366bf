package main

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"os"
	"slices"
	"strings"
)

// plot has a bar for each contender on a logarithmic scale: its rate in proportion to
// that of the form limit server.
type plot struct {
	title, subtitle string
	groups          []barGroup
}

// barGroup are the bars of those who do the same work.
type barGroup struct {
	title string
	bars  []bar
}

// bar is one contender. Its class is a word for the style sheet: whose server it is.
type bar struct {
	class, name string
	value       float64
}

// plot shows the comparisons that are meant for it, at the usual number of
// connections.
func (rep report) plot() plot {
	p := plot{
		title: "Requests a second in proportion to a server that only parses the form",
		subtitle: fmt.Sprintf("%d connections; %s; medians of %d rounds; logarithmic scale",
			rep.usual, rep.machine, rep.rounds),
	}
	for _, kind := range []string{kindES256, kindEdDSA, kindRS256, kindOpaque, kindAboutJWT, kindAboutOpaque} {
		g := barGroup{title: kind}
		for _, s := range rep.series {
			g.add(s, rep.usual, "ours")
		}
		for _, p := range rep.peers {
			for _, s := range p.series {
				g.add(s, rep.usual, "peer")
			}
		}
		slices.SortStableFunc(g.bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
		p.groups = append(p.groups, g)
	}
	return p
}

// add adds what belongs into the group; limit servers have a class of their own.
func (g *barGroup) add(s series, connections int, class string) {
	if strings.HasPrefix(s.name, "limit: ") {
		class = "limit"
	}
	for _, c := range s.compared {
		if c.kind == g.title && s.connections == connections {
			g.bars = append(g.bars, bar{class, c.bar, median(c.ratios)})
		}
	}
}

// The measures of the plot, in pixels.
const (
	plotWidth   = 1000
	plotNames   = 440
	plotRight   = 60
	plotTop     = 96
	plotBottom  = 40
	barHeight   = 16
	barStep     = 22
	groupHeight = 30
)

// plotStyle has the colours of light pages and of dark ones.
const plotStyle = `
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 }
.note, .tick { fill: #59636e; font-size: 12px }
.group { font-weight: 600 }
.back { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.one { stroke: #59636e; stroke-dasharray: 4 3 }
.ours { fill: #0969da }
.limit { fill: #8c959f }
.peer { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.note, .tick { fill: #9198a1 }
.back { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #3d444d }
.one { stroke: #9198a1 }
.ours { fill: #4493f8 }
.limit { fill: #656c76 }
.peer { fill: #db6d28 }
}
`

// svg draws the plot.
func (p plot) svg() string {
	height := plotTop + plotBottom
	for _, g := range p.groups {
		if len(g.bars) > 0 {
			height += groupHeight + barStep*len(g.bars)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n",
		plotWidth, height, plotWidth, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", html.EscapeString(p.title), plotStyle)
	fmt.Fprintf(&b, `<rect class="back" x="0.5" y="0.5" width="%d" height="%d" rx="6"/>`+"\n", plotWidth-1, height-1)
	text(&b, "title", "start", 20, 32, p.title)
	text(&b, "note", "start", 20, 54, p.subtitle)
	scale := p.scale()
	for _, tick := range scale.ticks() {
		x := scale.at(tick)
		class := "grid"
		if tick == 1 {
			class = "one"
		}
		fmt.Fprintf(&b, `<line class="%s" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", class, x, plotTop-8, x, height-plotBottom+6)
		text(&b, "tick", "middle", x, float64(height-plotBottom+24), tickText(tick))
	}
	legend(&b, 20, 64)
	y := plotTop
	for _, g := range p.groups {
		if len(g.bars) == 0 {
			continue
		}
		text(&b, "group", "start", 20, float64(y+14), g.title)
		y += groupHeight
		for _, one := range g.bars {
			scale.draw(&b, one, y)
			y += barStep
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// legend says whose bars have which colour.
func legend(b *strings.Builder, x, y int) {
	for _, one := range []struct {
		class, name string
		width       int
	}{{"ours", "grantd", 90}, {"limit", "limit servers", 120}, {"peer", "other servers", 0}} {
		const size, gap, baseline = 12, 18, 11
		fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>`+"\n", one.class, x, y, size, size)
		text(b, "note", "start", float64(x+gap), float64(y+baseline), one.name)
		x += one.width
	}
}

func (s scale) draw(b *strings.Builder, one bar, y int) {
	const least, gap, baseline = 2, 6, 13
	end := max(s.at(one.value), plotNames+least)
	text(b, "name", "end", plotNames-gap, float64(y+baseline), one.name)
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`+"\n", one.class, plotNames, y, end-plotNames, barHeight)
	text(b, "value", "start", end+gap, float64(y+baseline), significant(one.value))
}

func text(b *strings.Builder, class, anchor string, x, y float64, content string) {
	fmt.Fprintf(b, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, anchor, x, y, html.EscapeString(content))
}

// scale is logarithmic, from one power of ten to somewhat above another value.
type scale struct{ low, high float64 }

func (p plot) scale() scale {
	s := scale{low: 0.1, high: 1}
	for _, g := range p.groups {
		for _, one := range g.bars {
			if one.value <= 0 {
				continue
			}
			s.low = min(s.low, math.Pow10(int(math.Floor(math.Log10(one.value)))))
			s.high = max(s.high, one.value)
		}
	}
	return s
}

// at is where a value is, in pixels from the left.
func (s scale) at(value float64) float64 {
	part := math.Log(max(value, s.low)/s.low) / math.Log(s.high/s.low)
	return plotNames + part*(plotWidth-plotNames-plotRight)
}

// ticks are the powers of ten, and 1.
func (s scale) ticks() []float64 {
	var all []float64
	for tick := s.low; tick <= s.high*(1+1e-9); tick *= 10 {
		all = append(all, tick)
	}
	return all
}

func tickText(tick float64) string { return fmt.Sprintf("%g", math.Round(tick*1e6)/1e6) }

func (p plot) write(name string) error { return os.WriteFile(name, []byte(p.svg()), 0o644) }
