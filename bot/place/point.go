package place

import "math"

// earthKm is the mean radius of the Earth.
const earthKm = 6371.0088

// Point is a position in degrees of WGS84, north and east positive.
type Point struct{ Lat, Lng float64 }

// Distance returns the length in kilometres of the great circle from a to b.
func Distance(a, b Point) float64 {
	lat := math.Sin(radians(b.Lat-a.Lat) / 2)
	lng := math.Sin(radians(b.Lng-a.Lng) / 2)
	h := lat*lat + math.Cos(radians(a.Lat))*math.Cos(radians(b.Lat))*lng*lng
	return 2 * earthKm * math.Asin(math.Sqrt(min(1, h)))
}

// valid reports whether p is a position at all. NaN is not.
func (p Point) valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lng) <= 180
}

// vector returns p on the unit sphere, where the straight line between two points
// orders them as the great circle does and costs no trigonometry.
func (p Point) vector() [3]float64 {
	lat, lng := radians(p.Lat), radians(p.Lng)
	return [3]float64{math.Cos(lat) * math.Cos(lng), math.Cos(lat) * math.Sin(lng), math.Sin(lat)}
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
