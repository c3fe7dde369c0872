"""The sentences of the report page."""

from collections.abc import Mapping
from typing import Any

from academy.messages import N_, _
from academy.reports import Learning

CANDIDATES = {
    "base": N_("Base model"),
    "specialist": N_("Specialist, from memory"),
    "retrieval": N_("Search alone"),
    "evidence": N_("Specialist with passages"),
    "base-evidence": N_("Base model with passages"),
    "base-few-shot": N_("Base model with examples"),
    "combined": N_("Specialist and general model"),
    "general": N_("General model"),
}
METRICS = {
    "containment": N_("Answer found"),
    "token_f1": N_("Word overlap (F1)"),
    "exact_match": N_("Exact answer"),
    "refusal": N_("Refused although answerable"),
    "abstention": N_("Refused where the documents say nothing"),
    "abstention_precision": N_("Refusals that were right"),
    "rouge_1": N_("ROUGE-1"),
    "rouge_2": N_("ROUGE-2"),
    "rouge_l": N_("ROUGE-L"),
    "bleu": N_("BLEU"),
    "chrf": N_("chrF"),
    "length": N_("Words per answer"),
    "distinct_1": N_("Different words"),
    "distinct_2": N_("Different word pairs"),
    "perplexity": N_("Perplexity of the right answer"),
    "judge": N_("Right, says the judge"),
}
MEANINGS = {
    "containment": N_("the expected answer stands in the answer; counted as right on this page"),
    "token_f1": N_("how many words the answer and the expected answer share; extra words cost"),
    "exact_match": N_("the answer is the expected one, word for word, apart from articles, case and punctuation"),
    "refusal": N_("the candidate said that the documents do not answer, although they do; less is better"),
    "abstention": N_("the candidate said so where they really do not; more is better"),
    "abstention_precision": N_("of all refusals, the share on questions that the documents really do not answer"),
    "rouge_1": N_("shared words, as for summaries"),
    "rouge_2": N_("shared pairs of words"),
    "rouge_l": N_("the longest common sequence of words"),
    "bleu": N_("shared sequences of one to four words, as for translations"),
    "chrf": N_("shared sequences of letters: kind to German endings and compounds"),
    "length": N_("how long the answers are"),
    "distinct_1": N_("share of words that are not said twice; near 0 is parroting"),
    "distinct_2": N_("the same for pairs of words"),
    "perplexity": N_("how surprised the model is by the right answer; 1 is not at all, less is better"),
    "judge": N_("share of answers that a language model calls right, after it passed an exam of its own"),
}
NUMBERS = ("length", "perplexity")
"""Measures that are no shares: they are not told in percent."""
LEARNING: dict[Learning, str] = {
    "learned": N_("taught and right"),
    "known": N_("right without a lesson"),
    "not_learned": N_("taught, but not right"),
    "not_taught": N_("never taught"),
}
PROBES = {"forgetting": N_("General language, bits per byte"), "bias": N_("Leaning to stereotypes, 50 % is even")}
REASONS_OF_CHOICE = {
    "best": N_("it did better than the others, beyond chance"),
    "safer": N_("no other way did better beyond chance, and it is the safer one"),
    "more_right": N_("another way shares more words, but gives fewer right answers"),
    "unproven": N_("too few questions, or no right answer: the safest way is used"),
}
LEVELS = {
    "learned": N_("Learned"),
    "partly": N_("Partly learned"),
    "not": N_("Not learned by heart"),
    "same": N_("Not learned"),
    "worse": N_("Worse than before"),
    "unknown": N_("Not measured"),
}
FACTS = {
    "run": N_("Run"),
    "questions": N_("Exam questions"),
    "unanswerable": N_("of these not answered by the documents"),
    "questions_by": N_("Exam written by"),
    "base": N_("Base model"),
    "method": N_("Training method"),
    "total_parameters": N_("Parameters"),
    "trainable_parameters": N_("of these trained"),
    "trained_tokens": N_("Tokens learned from"),
    "steps": N_("Training steps"),
    "best_step": N_("Best step, kept"),
    "seed": N_("Seed"),
    "academy": N_("Academy"),
    "sent": N_("Left this machine"),
}
QUALITY = {
    "documents": N_("Documents"),
    "passages_taught": N_("Passages that teach at least one fact"),
    "facts": N_("Facts taught"),
    "lessons": N_("Lessons"),
    "training_rows": N_("Training rows"),
    "duplicates": N_("Lessons that repeat another word for word"),
    "words_least": N_("Words of the shortest lesson"),
    "words_middle": N_("Words of the middle lesson"),
    "words_most": N_("Words of the longest lesson"),
}
KINDS = {
    "statement": N_("statements"),
    "question": N_("questions"),
    "cloze": N_("gap texts"),
    "passage": N_("passages"),
    "sentence": N_("sentences to complete"),
    "heading": N_("questions by heading"),
    "term": N_("terms explained"),
    "abbreviation": N_("abbreviations"),
    "keywords": N_("questions by keyword"),
    "summary": N_("summaries"),
    "table": N_("table rows"),
    "steps": N_("steps"),
    "exam": N_("exam questions"),
    "unanswerable": N_("questions without an answer"),
    "false-premise": N_("questions that assume something wrong"),
}
LANGUAGES = {"de": N_("German"), "en": N_("English")}
SCALES = {
    "correctness": N_("Correctness"),
    "relevance": N_("Relevance"),
    "helpfulness": N_("Helpfulness"),
    "preference": N_("Preference"),
}
_RATING = {
    **SCALES,
    "title": N_("Which answers are good?"),
    "how": N_(
        "Nobody sees here who gave an answer, and you should not ask before you are done. Correctness: is it true? "
        "Relevance: does it answer what was asked? Helpfulness: does it help the person who asked? 1 is bad, 5 is good."
    ),
    "name": N_("Your name"),
    "nameless": N_("Please enter your name first, so that several people can be told apart."),
    "place": N_("{n} of {all}, {done} rated"),
    "expected": N_("Right answer"),
    "unanswerable": N_("The documents do not answer this; a refusal is right."),
    "better": N_("Which answer is better?"),
    "even": N_("equally good"),
    "back": N_("Back"),
    "skip": N_("Skip"),
    "save": N_("Save the result"),
    "done": N_("That was all. Save the result and send the file back to whoever gave you this page."),
    "shortcuts": N_("Keys: 1 to 5 for the next scale; A, B or E (equally good) for two answers."),
    "unkept": N_("This browser does not keep your ratings: save the result before you close the page."),
}
VALUES = {
    "offline": N_("Academy's rules, without a language model"),
    "generated": N_("Academy, from the documents, in other words than the lessons"),
    "user": N_("you"),
    "human": N_("people"),
    "nothing": N_("nothing"),
    "full": N_("all weights"),
    "lora": N_("LoRA adapter"),
    "qlora": N_("QLoRA adapter"),
    "embedded": N_("embedded in Academy"),
}
_PAGE = {
    "title": N_("Report card"),
    "scores": N_("Scores"),
    "scores_note": N_("The dot is the score, the line its 95 % interval: the fewer questions, the longer the line."),
    "who": N_("Who answers"),
    "score": N_("Score"),
    "interval": N_("95 % interval"),
    "questions": N_("Questions"),
    "all_scores": N_("All scores as a table"),
    "choice": N_("academy query answers with “{mode}” unless told otherwise: {why}."),
    "choice_lead": N_("Its lead over “{second}”: {value} (95 % interval {low} to {high})."),
    "warnings": N_("Take care"),
    "learning": N_("What was learned by heart"),
    "learning_note": N_(
        "From memory, without passages. “Never taught” is not the model's fault: no lesson holds the answer."
    ),
    "seen": N_("{n} questions stand, nearly so, in the training rows; they prove nothing and are marked."),
    "seen_short": N_("stands in training"),
    "calibration": N_("Can its confidence be trusted?"),
    "calibration_note": N_(
        "AUROC is the chance that a right answer is given with more confidence than a wrong one: 0.5 is guessing, 1 is "
        "perfect."
    ),
    "auroc": N_("AUROC"),
    "auroc_none": N_("cannot be told"),
    "trusted": N_("From where on"),
    "trust": N_("from a confidence of {threshold} on, {precision} are right; that is {coverage} of the answers"),
    "trust_none": N_("no confidence from which on {target} are right"),
    "probes": N_("What else changed"),
    "probes_note": N_(
        "Sentences that have nothing to do with the documents, before and after training: whether general language was "
        "forgotten (fewer bits per byte are better), and whether the model leans more to stereotypes."
    ),
    "before": N_("Before"),
    "after": N_("After"),
    "overfitting": N_(
        "After step {step} the model only memorised: the validation loss rose from {best} to {last}. The weights of "
        "that step were kept."
    ),
    "overfitting_not": N_("No sign of mere memorising: the validation loss did not rise."),
    "judge_used": N_(
        "The judge {model} calls {references} of right answers right and {strangers} of answers to other questions; "
        "its marks stand among the scores."
    ),
    "judge_refused": N_(
        "The judge {model} calls {references} of right answers right and {strangers} of answers to other questions: "
        "not good enough, so its marks are left out."
    ),
    "people": N_("What people think"),
    "people_note": N_(
        "{n} raters did not see who gave an answer. 1 is bad, 5 is good; the interval counts answers, not people."
    ),
    "people_one": N_("One rater, who did not see who gave an answer. 1 is bad, 5 is good."),
    "preferred": N_("{first} against {second}: {won} better, {even} equally good, {lost} worse"),
    "preferred_how": N_("lead {lead}, 95 % interval {low} to {high}; questions with equal answers were not asked"),
    "agreement": N_("{scale}: the raters' agreement is {alpha} (Krippendorff's alpha, {n} items): {word}."),
    "agreement_none": N_("{scale}: agreement cannot be told, for all values are the same ({n} items)."),
    "reliable": N_("reliable"),
    "tentative": N_("enough for a tentative conclusion"),
    "too_few": N_("too few items to go by"),
    "unreliable": N_("too little to conclude anything"),
    "differences": N_("More than chance?"),
    "differences_note": N_(
        "Both answered the same questions. A difference is more than chance only when its interval leaves out zero."
    ),
    "against": N_("{first} against {second}"),
    "metric": N_("Measure"),
    "difference": N_("Difference"),
    "finding": N_("Finding"),
    "better": N_("better"),
    "chance": N_("may be chance"),
    "lower": N_("worse"),
    "chapters": N_("By chapter"),
    "chapter": N_("Chapter"),
    "no_chapter": N_("without chapter"),
    "foreign": N_("Not answered by the documents; a refusal is right"),
    "samples": N_("Before and after, question by question"),
    "expected": N_("Expected"),
    "not_in_documents": N_("The documents do not answer this; a refusal is right."),
    "more_samples": N_("Show the other {n} questions too"),
    "right": N_("right"),
    "close": N_("close"),
    "wrong": N_("wrong"),
    "refused": N_("refused"),
    "no_answer": N_("(no answer)"),
    "loss": N_("Learning curve"),
    "loss_note": N_(
        "The loss is how surprised the model is by the right answer, in nats per token: lower is better. When the "
        "validation curve rises while the training curve falls, the model only memorises; the weights of the best step "
        "were kept."
    ),
    "loss_note_short": N_(
        "The loss is how surprised the model is by the right answer, in nats per token: lower is better. The weights "
        "of the best step were kept."
    ),
    "train": N_("training"),
    "valid": N_("validation"),
    "best": N_("best step"),
    "step": N_("step"),
    "coverage": N_("What was taught, page by page"),
    "coverage_note": N_("Each box is a page, its number below, the number of facts taught from it inside."),
    "coverage_none": N_("{empty} of {n} pages taught nothing."),
    "coverage_all": N_("Every one of {n} pages taught something."),
    "taught": N_("What was taught"),
    "sections_note": N_("Each line is a chapter, with the number of facts taught from it."),
    "sections_none": N_("{empty} of {n} chapters taught nothing."),
    "sections_all": N_("Every one of {n} chapters taught something."),
    "next": N_("What to do next"),
    "best_way": N_("best way to ask"),
    "show": N_("Show"),
    "show_all": N_("all"),
    "show_best_right": N_("right"),
    "show_best_wrong": N_("not right"),
    "show_gained": N_("newly right"),
    "show_lost": N_("no longer right"),
    "filter_note": N_("right and not right: {best}; newly and no longer: compared with the base model"),
    "asked": N_("Below: how many exam questions were asked about it and how many of them were right ({best})."),
    "asked_short": N_("{right} of {n} right"),
    "page_number": N_("Page"),
    "taught_count": N_("Facts taught"),
    "as_table": N_("As a table"),
    "cost": N_("What it cost"),
    "cost_minutes": N_("{n} minutes"),
    "cost_work": N_("from reading to training, without the exam"),
    "cost_little": N_("less than {amount} {currency}"),
    "cost_measured": N_(
        "Measured at the processor: {watts} W on average; screen, disk and power supply are not in it. "
        "{price} {currency} for one kWh."
    ),
    "cost_assumed": N_(
        "An estimate: it assumes that your machine draws {watts} W while it works, and {price} {currency} for one kWh. "
        "Say what is true for yours: cost.watts and cost.price_per_kwh."
    ),
    "sent": N_("What left this machine"),
    "quality": N_("What the lessons are made of"),
    "languages": N_("Documents by language"),
    "kinds": N_("Lessons by kind"),
    "teachers": N_("Lessons by author"),
    "of": N_("{part} of {whole}"),
    "refused_items": N_("What was left out, and why"),
    "nothing_refused": N_("Nothing was left out."),
    "count": N_("Number"),
    "facts": N_("About this run"),
    "technical": N_("Versions, seeds and sizes"),
    "fact": N_("Fact"),
    "value": N_("Value"),
    "versions": N_("Versions"),
    "meaning": N_("What the scores mean"),
}


def page_words(language: str) -> dict[str, str]:
    """The words of the page in one language."""
    return {key: _(text, language) for key, text in _PAGE.items()}


_COMPARE = {
    "title": N_("Runs side by side"),
    "scores": N_("Scores"),
    "measure": N_("Measure"),
    "best": N_("Best way to ask"),
    "pairs": N_("More than chance?"),
    "pairs_note": N_("On the questions that both runs were asked; the interval must leave out zero."),
    "runs": N_("Runs"),
    "against": N_("{first} against {second}"),
    "difference": N_("Difference"),
    "interval": N_("95 % interval"),
    "questions": N_("Questions"),
    "finding": N_("Finding"),
    "better": N_("better"),
    "worse": N_("worse"),
    "chance": N_("may be chance"),
    "settings": N_("Settings that differ"),
    "setting": N_("Setting"),
    "same_settings": N_("All settings are the same."),
    "costs": N_("Time and size"),
    "what": N_("What"),
    "size": N_("Specialist on disk"),
    "minutes": N_("Minutes of work"),
    "kwh": N_("Energy in kWh"),
    "total_parameters": N_("Parameters"),
    "trainable_parameters": N_("of these trained"),
    "trained_tokens": N_("Tokens learned from"),
    "steps": N_("Training steps"),
    "lessons": N_("Lessons"),
    "samples": N_("Answers from memory, side by side"),
    "question": N_("Question"),
    "expected": N_("Expected"),
    "nothing_common": N_("{first} and {other} were not asked the same questions: their scores cannot be compared."),
    "some_common": N_("{first} and {other} have {n} answerable questions in common; only these are compared in pairs."),
}


def compare_words(language: str) -> dict[str, str]:
    """The words of a comparison of runs."""
    return {key: _(text, language) for key, text in _COMPARE.items()}


def rating_words(language: str) -> dict[str, str]:
    """The words of the page for raters."""
    return {key: _(text, language) for key, text in _RATING.items()}


def label(table: Mapping[Any, str], key: str, language: str) -> str:
    """The translated word for a key; the key itself when there is none."""
    return _(table[key], language) if key in table else key
