/* The quizzes: a button checks the chosen answer, and the reason for it is read out.
   Without this script the answers are folded under their question; with it they open once the right one is found. */
for (const question of document.querySelectorAll(".quiz .question")) {
  const answers = question.querySelector(".answers");
  const reasons = answers.querySelectorAll("li");
  const inputs = question.querySelectorAll("input");

  const button = document.createElement("button");
  button.type = "button";
  button.className = "md-button";
  button.textContent = "Check";

  const feedback = document.createElement("p");
  feedback.className = "feedback";
  feedback.setAttribute("role", "status");

  const clear = () => {
    feedback.replaceChildren();
    feedback.classList.remove("right", "wrong");
  };

  const say = (kind, verdict, reason) => {
    clear();
    if (kind) feedback.classList.add(kind);
    const word = document.createElement("strong");
    word.textContent = verdict;
    feedback.append(word, " ", ...reason);
  };

  button.addEventListener("click", () => {
    const chosen = [...inputs].findIndex((input) => input.checked);
    if (chosen < 0) {
      say("", "Choose an answer first.", []);
      return;
    }
    const right = reasons[chosen].classList.contains("right");
    const reason = reasons[chosen].querySelector(".because").cloneNode(true).childNodes;
    say(right ? "right" : "wrong", right ? "Right." : "Not so.", reason);
    if (right) answers.hidden = false;
  });
  question.addEventListener("change", clear);

  answers.hidden = true;
  answers.before(button, feedback);
}
