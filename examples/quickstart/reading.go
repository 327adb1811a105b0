package main

import (
	"math"
	"time"
)

// Reading is a row of the table that is read: columns are found by name.
type Reading struct {
	Sensor  int
	At      time.Time
	Celsius float64
}

// Measurement is a reading for those who think in °F.
type Measurement struct {
	Sensor     int
	At         time.Time
	Fahrenheit float64
}

// Measurement converts the unit.
func (r Reading) Measurement() Measurement {
	return Measurement{Sensor: r.Sensor, At: r.At, Fahrenheit: r.Celsius*9/5 + 32}
}

// Alert is a row of the table that is written. It stands for a batch of hot measurements.
type Alert struct {
	Run        time.Time // when this program started: the partition
	Number     int       // of the batch, from 1
	Readings   int       // in the batch
	Sensor     int       // that measured the most
	At         time.Time // when it did
	Fahrenheit float64   // how much
}

// next is the alert after a, for the next batch.
func (a Alert) next(batch []Measurement) Alert {
	next := Alert{Run: a.Run, Number: a.Number + 1, Readings: len(batch), Fahrenheit: math.Inf(-1)}
	for _, m := range batch {
		if m.Fahrenheit > next.Fahrenheit {
			next.Sensor, next.At, next.Fahrenheit = m.Sensor, m.At, m.Fahrenheit
		}
	}
	return next
}

// perSensor is the number of readings of each sensor, one every ten minutes: about a week.
const perSensor = 1000

var firstDay = time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)

// madeUp is reading r of a sensor, made up: warm afternoons, cool nights, and sensors that differ.
func madeUp(sensor, r int) Reading {
	at := firstDay.Add(time.Duration(r) * 10 * time.Minute)
	hour := float64(at.Hour()) + float64(at.Minute())/60
	day := 9 * math.Sin((hour-9)*math.Pi/12)
	weather := 4 * math.Sin(float64(r)/170+float64(sensor))
	celsius := 24 + day + weather + float64(sensor%7-3)/2
	return Reading{Sensor: sensor, At: at, Celsius: math.Round(celsius*10) / 10}
}
