package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/leadport/leadport/internal/importer"
)

// bar shows how far something is on the error stream, if that is a terminal.
type bar struct {
	c     *command
	on    bool
	name  string
	phase string
	bar   *progressbar.ProgressBar
}

func newBar(c *command) *bar {
	return &bar{c: c, on: term.IsTerminal(int(c.err.Fd()))}
}

// title says what the bar is about; it appears with the first progress.
func (b *bar) title(name string) { b.name = name }

func (b *bar) show(p importer.Progress) {
	if !b.on {
		return
	}
	if b.bar == nil || b.phase != p.Phase+b.name {
		b.done()
		b.phase = p.Phase + b.name
		text := b.name
		if text == "" {
			text = p.Phase
		}
		options := []progressbar.Option{
			progressbar.OptionSetWriter(b.c.err), progressbar.OptionSetDescription(text), progressbar.OptionSetWidth(28),
			progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionShowElapsedTimeOnFinish(), progressbar.OptionClearOnFinish(),
		}
		if p.Phase == "importing" {
			options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"))
		} else {
			options = append(options, progressbar.OptionShowBytes(true))
		}
		b.bar = progressbar.NewOptions64(max(p.Total, -1), options...)
	}
	b.bar.Set64(p.Done)
}

func (b *bar) done() {
	if b.bar != nil {
		b.bar.Clear()
		b.bar = nil
	}
}
