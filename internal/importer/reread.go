package importer

import (
	"context"
	"strings"

	"github.com/leadport/leadport/internal/table"
)

// positions are where a check's records lie, of one in positionEvery: a file may
// have millions.
type positions struct{ of []table.Position }

const positionEvery = 8

func (p *positions) add(at table.Position) {
	if (at.Record-1)%positionEvery == 0 {
		p.of = append(p.of, at)
	}
}

// before is the last position that is not behind a record.
func (p *positions) before(record int64) table.Position { return p.of[(record-1)/positionEvery] }

// rereader reads single records again, each from a position at or before it.
type rereader struct {
	*frame
	open  func() (*rows, error)
	at    func(record int64) table.Position
	rd    *rows
	clean *cleaner
	batch table.Batch
}

func (b *rereader) draft(ctx context.Context, record int64) (*draft, error) {
	if b.rd == nil {
		rd, err := b.open()
		if err != nil {
			return nil, err
		}
		b.rd, b.clean, b.batch.Max = rd, newCleaner(b.frame), 1
	}
	if err := b.rd.Seek(b.at(record)); err != nil {
		return nil, err
	}
	for again := true; again; again = b.batch.Rows[0].Record < record {
		if err := b.rd.Next(ctx, &b.batch); err != nil {
			return nil, err
		}
	}
	// The cells of a batch keep a whole chunk of the file in memory, too much
	// for one record that may be kept.
	cells := b.batch.Rows[0].Cells
	for i, c := range cells {
		cells[i] = strings.Clone(c)
	}
	d := &draft{}
	b.clean.draft(&b.batch.Rows[0], d)
	return d, nil
}

func (b *rereader) close() {
	if b.rd != nil {
		b.rd.Close()
	}
}
