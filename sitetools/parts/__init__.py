"""What a directive puts on a page: each module registers its own in sitetools.syntax.directives."""

from sitetools.parts import (
    exercises,
    explorers,
    figures,
    lecture_map,
    listings,
    measurements,
    playground,
    quiz,
    run,
    status,
)
