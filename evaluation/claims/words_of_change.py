"""Words that several rules look for: who did it, what changed, what it was compared with (pure)."""

from __future__ import annotations

import re

PROGRAMME = (
    r"(programmes?|projects?|courses?|schemes?|interventions?|initiatives?|pilots?|mentor(s|ing)?|patrols?|tags?|tagging|"
    r"workshops?|therapy|counselling|training|approach|strategy|partnership|policing|curfews?|services?|"
    r"support|sessions|campaign|funding|investment)"
)
FELL = (
    r"(fell|falls?|fallen|falling|drop(s|ped|ping)?|decreas\w+|declin\w+|reduc\w+|((is|are|was|were|went|"
    r"gone|go) )?down(?= by| \d| on| from|[.,;]|$)|is down|lower(ed|ing)?|fewer|less|cut(?!-)|"
    r"plummet\w*|halved|tumbled|shrank|shrunk)"
)
ROSE = (
    r"(rose|rises?|risen|rising|increas\w+|went up|up(?= by| \d)|higher|more|grew|grown|improv\w+|better|"
    r"gains?|doubled|jump(ed)?)"
)
CHANGED = rf"({FELL}|{ROSE}|chang\w+|differ\w*|wors\w+|went (up|down)|saw)"
COMPARED = re.compile(
    r"\b(comparison|compared (with|to)|control (group|areas?|arm|schools?|streets?)|matched|than (elsewhere|in similar|"
    r"similar|others?|the others|comparable|comparison|on |in |those|people|pupils|areas|places|expected|what was)|"
    r"similar (areas|places|schools|people|pupils|streets)|difference[- ]in[- ]difference\w*|synthetic control|"
    r"randomis\w+|at random|by lot|did not have (it|the)|without (it|the programme)|not chosen|just missed|"
    r"expected (without|with no)|what would have|displacement|associated with|interrupted time series)\b",
    re.IGNORECASE,
)
WORST = re.compile(
    r"\bhot[- ]?spots?\b|\bworst([- ](hit|affected|performing)| (areas?|places?|streets?|wards?|estates?|"
    r"boroughs?|neighbourhoods?|segments?|schools?))\b|\b(highest|most|greatest)[- ](crime|harm|violent|"
    r"violence|risk|levels?|rates?|counts?|affected|dangerous)\b|\bthe (highest|most) (crime|violence|robber\w+)|"
    r"\b(top|highest) (five|ten|twenty|\d+)\b|\bproblem (streets|areas|estates)\b",
    re.IGNORECASE,
)
SINCE = re.compile(
    r"\b(since|after|following) (the |our |its |it |we |they )?(\w+ )?(launch\w*|start\w*|introduc\w+|began|begun|"
    r"programmes?|project|scheme|course|patrols|pilot|opening|roll[- ]?out|workshops?|sessions?|training|"
    r"intervention|mentoring|we|he|she)|\bbefore and after\b|"
    r"\bbetween the (first|start|beginning)\b[^.]{0,40}\b(last|end)\b|\bfrom (the )?(first|"
    r"start)\b[^.]{0,30}\b(last|end)\b|"
    r"\bpre[- ]?(to|and)[- ]?post\b",
    re.IGNORECASE,
)
NAMED_FINDING = re.compile(r"\bEVAL-\d{3,}\b")
