package importer

// SetSizes makes the engine work in small pieces; 0 is the usual size.
func (e *Engine) SetSizes(batch, tx, undo, states int) {
	e.sizes = sizes{batch: batch, tx: tx, undo: undo, states: states}
}
