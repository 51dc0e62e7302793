package message

// Keyboard builds choice buttons and remembers the first one that does not fit,
// so that a room checks once. The zero value is ready.
type Keyboard struct {
	rows [][]Action
	open bool
	err  error
}

// Add puts a button at the end of the current row.
func (k *Keyboard) Add(label, verb, id, arg string) *Keyboard {
	return k.AddStyled("", label, verb, id, arg)
}

// AddStyled puts a button with a style at the end of the current row.
func (k *Keyboard) AddStyled(style Style, label, verb, id, arg string) *Keyboard {
	a, err := NewAction(label, verb, id, arg)
	if err != nil {
		if k.err == nil {
			k.err = err
		}
		return k
	}
	a.Style = style
	if !k.open {
		k.rows = append(k.rows, nil)
		k.open = true
	}
	last := len(k.rows) - 1
	k.rows[last] = append(k.rows[last], a)
	return k
}

// Break begins a new row.
func (k *Keyboard) Break() *Keyboard {
	k.open = false
	return k
}

// Empty reports whether there is no button yet.
func (k *Keyboard) Empty() bool { return len(k.rows) == 0 }

// Choices is the block with all the buttons, or the first error.
func (k *Keyboard) Choices() (Choices, error) { return Choices{Rows: k.rows}, k.err }

// Actions are the buttons without their rows, or the first error.
func (k *Keyboard) Actions() ([]Action, error) {
	var all []Action
	for _, row := range k.rows {
		all = append(all, row...)
	}
	return all, k.err
}
