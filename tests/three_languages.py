"""A small programme that speaks German, English and French."""

from support import SmallCorpus

PROGRAMME = {
    "name": {"de": "Probe", "en": "Trial", "fr": "Essai"},
    "languages": ["de", "en", "fr"],
    "official": True,
    "starter_questions": [
        {
            "group": {"de": "Kosten", "en": "Costs", "fr": "Frais"},
            "questions": [{"de": "Was kostet der Kurs?", "en": "What does it cost?", "fr": "Combien coûte le cours ?"}],
        }
    ],
}
TEXTS = {
    "de": "Der Kurs kostet 5 Euro und dauert einen Tag.",
    "en": "The course costs 5 euros and takes one day.",
    "fr": "Le cours coûte 5 euros et dure une journée.",
}
QUESTIONS = {
    "de": "Was kostet der Kurs?",
    "en": "What does the course cost?",
    "fr": "Combien coûte le cours ?",
}


def three_languages(corpus: SmallCorpus) -> SmallCorpus:
    """The corpus with a document, an entry, a figure and a page in three languages."""
    corpus.programme(**PROGRAMME)
    for language, text in TEXTS.items():
        translated = "" if language == "de" else "translation_of: kurs\n"
        corpus.write(
            f"documents/{language}/kurs.md",
            f"---\nid: kurs{'' if language == 'de' else f'-{language}'}\nlanguage: {language}\n{translated}title: Kurs {language}\n"
            f"publisher: Amt\nas_of: 2025-09-01\nkind: original\n---\n## Abschnitt\n\n{text}\n",
        )
        corpus.write(f"pages/imprint.{language}.md", f"# Imprint {language}\n\n{text}\n")
    corpus.entries(
        [
            {
                "id": "kurs-kosten",
                "questions": {language: [question] for language, question in QUESTIONS.items()},
                "answer": {language: f"{text} [1]" for language, text in TEXTS.items()},
                "sources": [{"document": "kurs", "quote": TEXTS}],
            }
        ]
    )
    corpus.write(
        "figures/teilnehmer.yaml",
        "id: teilnehmer\ntitle: {de: Zahl der Teilnehmer, en: Number of participants, fr: Nombre de participants}\n"
        "unit: {de: Personen, en: people, fr: personnes}\n"
        "questions: {de: [Wie viele Teilnehmer gibt es?], en: [How many participants are there?], fr: [Combien de participants y a-t-il ?]}\n"
        "values: [{date: 2025-09-01, value: 12345.5, source: {title: Bericht}}]\n",
    )
    return corpus
