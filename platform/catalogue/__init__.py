"""Reference data with editions: metals, grades, alloys, factors, recovery, places, targets."""
