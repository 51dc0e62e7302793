package delivery

import "context"

// TakeOver does what a running delivery does every few seconds.
func (d *Delivery) TakeOver(ctx context.Context) error { return d.recover(ctx) }
