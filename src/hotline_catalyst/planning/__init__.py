"""Numbers in, plans out: demand, staffing, roster, roadmap. Knows no questionnaire."""
