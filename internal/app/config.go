package app

import (
	"fmt"
	"path/filepath"

	"github.com/caarlos0/env/v11"
)

// Config is everything that can be set from outside. Flags win over the
// environment.
type Config struct {
	// Data is the folder of the database, the files and the lock: of one process
	// at a time.
	Data string `env:"LEADPORT_DATA" envDefault:"leadport-data"`
	// Files is where the files are, if not in the folder: another folder, or
	// s3://bucket/prefix. The nodes on one PostgreSQL database share them.
	Files string `env:"LEADPORT_FILES"`
	// DatabaseURL is postgres://…, of a PostgreSQL database that exists; "" is
	// SQLite in the folder.
	DatabaseURL string `env:"LEADPORT_DATABASE_URL"`
	// SMTP is smtp://user:password@host:587, smtps://… or
	// smtp://localhost:1025?tls=none; without it mail stays in the outbox.
	SMTP string `env:"LEADPORT_SMTP_URL"`
	// From is the sender of mail.
	From string `env:"LEADPORT_MAIL_FROM"`
	// MetricsAddr is host:port for Prometheus and for probes, apart from people;
	// "" is none.
	MetricsAddr string `env:"LEADPORT_METRICS_ADDR"`
	// LogFormat is text or json; json says more.
	LogFormat string `env:"LEADPORT_LOG_FORMAT" envDefault:"text"`
	// Connections are those to PostgreSQL, at most.
	Connections int `env:"LEADPORT_DATABASE_CONNECTIONS" envDefault:"13"`
	// HTTPConnections are those of browsers and programs, at most.
	HTTPConnections int `env:"LEADPORT_HTTP_CONNECTIONS" envDefault:"10000"`
	// URL is where people reach the server; links in mail begin with it.
	URL string `env:"LEADPORT_URL"`
	// MaxUpload is the largest file taken, in bytes.
	MaxUpload int64 `env:"LEADPORT_MAX_UPLOAD" envDefault:"17179869184"`
}

// filesDir is the folder of uploads, plans and what else is kept as a file,
// where that is no S3.
func (c Config) filesDir() string {
	if c.Files != "" {
		return c.Files
	}
	return filepath.Join(c.Data, "files")
}

// partsDir is the folder of uploads under way, which any node may be sent more
// of.
func (c Config) partsDir() string {
	if c.Files != "" {
		return filepath.Join(c.Files, "uploads")
	}
	return filepath.Join(c.Data, "uploads")
}

// FromEnv reads the configuration from the environment.
func FromEnv() (Config, error) {
	c, err := env.ParseAs[Config]()
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}
