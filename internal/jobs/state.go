package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Waiting is how the queue stands: jobs by state, of at most 10,000, and how
// long the oldest that could run has waited.
func (j *Jobs) Waiting(ctx context.Context) (jobs map[string]int64, age time.Duration, err error) {
	jobs = map[string]int64{}
	for _, state := range alive() {
		jobs[string(state)] = 0
	}
	list, err := j.client.JobList(ctx, river.NewJobListParams().States(alive()...).First(10_000))
	if err != nil {
		return nil, 0, fmt.Errorf("list jobs: %w", err)
	}
	for _, row := range list.Jobs {
		jobs[string(row.State)]++
		if row.State == rivertype.JobStateAvailable {
			age = max(age, time.Since(row.ScheduledAt))
		}
	}
	return jobs, age, nil
}
