// Package metrics is what Prometheus is told. It imports nothing of ours: what
// is measured is handed in.
package metrics

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what one process measures.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	logged   *prometheus.CounterVec
}

// New begins to measure; the Go runtime and the process are there from the start.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadport_http_request_duration_seconds", Help: "How long answers took, by route.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"method", "route", "status"}),
		logged: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "leadport_log_lines_total", Help: "Warnings and errors in the log."}, []string{"level"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "leadport_build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.logged.WithLabelValues("warn")
	m.logged.WithLabelValues("error")
	m.registry.MustRegister(m.requests, m.logged, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers with all that is measured, as Prometheus reads it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second})
}

// Answered measures an answer. The route is its pattern, so that there are few.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Logged counts a line of the log.
func (m *Metrics) Logged(level slog.Level) {
	if level >= slog.LevelWarn {
		m.logged.WithLabelValues(strings.ToLower(level.String())).Inc()
	}
}

// Database measures a pool of connections.
func (m *Metrics) Database(db *sql.DB, name string) error {
	return m.registry.Register(collectors.NewDBStatsCollector(db, name))
}

// Queue measures the pool of the job queue on PostgreSQL.
func (m *Metrics) Queue(pool *pgxpool.Pool) error {
	for _, g := range []struct {
		name, help string
		value      func(*pgxpool.Stat) int32
	}{
		{"leadport_queue_connections_in_use", "Connections of the job queue in use.", (*pgxpool.Stat).AcquiredConns},
		{"leadport_queue_connections_max", "How many the job queue may have.", (*pgxpool.Stat).MaxConns},
	} {
		err := m.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, func() float64 { return float64(g.value(pool.Stat())) }))
		if err != nil {
			return err
		}
	}
	return nil
}

// State is how the installation stands; all nodes see the same.
type State struct {
	Imports  map[string]int64 // by state
	Records  map[string]int64 // done in runs and undos, by kind of import
	Mail     map[string]int64 // by state
	Jobs     map[string]int64 // by state
	QueueAge time.Duration    // of the oldest job that could run and does not
}

// Installation asks how the installation stands whenever somebody looks. If it
// cannot be said, leadport_up is 0.
func (m *Metrics) Installation(ask func(context.Context) (State, error)) error {
	return m.registry.Register(installation{ask})
}

type installation struct {
	ask func(context.Context) (State, error)
}

// Describe implements prometheus.Collector.
func (i installation) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(i, out) }

var (
	up      = prometheus.NewDesc("leadport_up", "1 if the database answers.", nil, nil)
	imports = prometheus.NewDesc("leadport_imports", "Imports, by state.", []string{"state"}, nil)
	records = prometheus.NewDesc("leadport_records_done_total", "Records that imports have run, and leads that undos have taken back.", []string{"kind"}, nil)
	mail    = prometheus.NewDesc("leadport_mail", "Messages in the outbox, by state.", []string{"state"}, nil)
	queue   = prometheus.NewDesc("leadport_queue_jobs", "Jobs in the queue, by state.", []string{"state"}, nil)
	age     = prometheus.NewDesc("leadport_queue_age_seconds", "How long the oldest job that could run has waited.", nil, nil)
)

// Collect implements prometheus.Collector.
func (i installation) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s, err := i.ask(ctx)
	if err != nil {
		out <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, 0)
		return
	}
	out <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, 1)
	each := func(d *prometheus.Desc, kind prometheus.ValueType, numbers map[string]int64) {
		for label, n := range numbers {
			out <- prometheus.MustNewConstMetric(d, kind, float64(n), label)
		}
	}
	each(imports, prometheus.GaugeValue, s.Imports)
	each(records, prometheus.CounterValue, s.Records)
	each(mail, prometheus.GaugeValue, s.Mail)
	each(queue, prometheus.GaugeValue, s.Jobs)
	out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, s.QueueAge.Seconds())
}
