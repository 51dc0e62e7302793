package alert

// Stands lets a test ask whether a cohort is made anew.
func (c Cohort) Stands(now Cohort) bool { return c.stands(now) }
