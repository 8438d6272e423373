"""The tables of the pages: importing the files that make them fills TABLES."""

from course.report.tables import accounts, experiments, ledger, literature, networks
from course.report.tables.markdown import TABLES, table
