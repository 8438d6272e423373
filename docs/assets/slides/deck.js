// The page of a deck as slides, where sitetools/theme/slides.html has found that it is to be presented.
// All of reveal's styles ask for its class: without it the deck stays a page.
{
  const isDark = () => document.body.dataset.mdColorScheme === "slate";
  const deck = document.querySelector(".deck");
  deck.classList.add("reveal");
  // The address of a slide is that of its heading.
  for (const slide of deck.querySelectorAll("section")) {
    const heading = slide.querySelector("h1, h2");
    slide.id = heading.id;
    heading.removeAttribute("id");
  }
  for (const image of deck.querySelectorAll("img")) image.loading = "eager";
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    transition: "none",
    backgroundTransition: "none",
    slideNumber: "c/t",
    progress: false, // the number says it
    controlsTutorial: false,
    scrollActivationWidth: null, // a telephone reads the page
    defaultTiming: 120, // or the speaker view shows no pace
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    keyboard: {68: () => document.getElementById(`__palette_${isDark() ? 1 : 2}`).click()}, // D
    plugins: [RevealNotes],
  }).then(() => deck.removeAttribute("role")); // an application's words cannot be read line by line
  // The theme listens on the window, for N, P and S too.
  document.addEventListener("keydown", (event) => event.stopPropagation());
}
