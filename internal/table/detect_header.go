package table

// detectHeader finds the heading and the first record.
func (d *Detection) detectHeader(s *sample, opt Options) error {
	di := d.dialect()
	rows := s.rows(&di, 0, 1, 3)
	for _, r := range rows {
		if r.blank {
			continue
		}
		d.HeaderLine, d.HeaderRows = r.line, 1
		d.Headings = r.cells
		d.FirstOffset, d.FirstLine = s.offset(r.end), int64(r.line+1)
		d.note(Guess{Name: "header", Value: "line 1", Certainty: Likely, Flag: "--header"})
		break
	}
	return nil
}

func (d *Detection) detectFooter(src Source) error { return nil }
