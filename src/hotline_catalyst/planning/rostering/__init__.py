"""The roster's room: people and rules to a problem, two engines, a checker apart, reasons, repairs, stress."""
