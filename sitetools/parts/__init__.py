"""What a directive puts on a page. Each part registers its directive in sitetools.syntax.directives."""
