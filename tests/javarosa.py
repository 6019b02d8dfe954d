"""ODK's own form engine (JavaRosa, inside ODK Validate) as a judge that we did not write: it fills a survey form in.

It runs in a process of its own: a process holds one Java machine, and other tests start theirs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


@dataclass(frozen=True)
class Filled:
    """A finished submission: (path, text) of every field in it, questions shown, and answers the form refused."""

    fields: list[tuple[str, str]]
    shown: list[str]
    refused: dict[str, str]


def fill(xform: Path, *people: dict[str, str]) -> list[Filled]:
    """Walk a form from first page to last for each person, and type each answer where its question is shown."""
    words = [sys.executable, __file__, str(xform)]
    done = subprocess.run(words, input=json.dumps(people), capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    found = []
    for data in json.loads(done.stdout.splitlines()[-1]):
        fields = list(_leaves(ElementTree.fromstring(data["instance"]), []))
        found.append(Filled(fields, data["shown"], data["refused"]))
    return found


def _leaves(node: ElementTree.Element, above: list[str]) -> Any:
    for child in node:
        path = [*above, child.tag.rpartition("}")[2]]
        if len(child):
            yield from _leaves(child, path)
        else:
            yield "/".join(path), child.text or ""


def _start() -> Any:
    import jpype
    from pyxform.validators.odk_validate import ODK_VALIDATE_PATH

    jpype.startJVM("-Djava.awt.headless=true", classpath=[ODK_VALIDATE_PATH])
    package = jpype.JPackage("org.javarosa")
    package.model.xform.XFormsModule().registerModule()
    return package


def _walk(package: Any, xform: str, answers: dict[str, str]) -> dict[str, Any]:
    import jpype

    form = package.xform.util.XFormUtils.getFormFromInputStream(jpype.JClass("java.io.FileInputStream")(xform))
    form.initialize(True, package.core.model.instance.InstanceInitializationFactory())
    model = package.form.api.FormEntryModel(form)
    controller = package.form.api.FormEntryController(model)
    shown: list[str] = []
    refused: dict[str, str] = {}
    status = {int(controller.ANSWER_CONSTRAINT_VIOLATED): "constraint"}
    status[int(controller.ANSWER_REQUIRED_BUT_EMPTY)] = "required"
    parse = package.xform.util.XFormAnswerDataParser.getAnswerData
    while (event := controller.stepToNextEvent()) != controller.EVENT_END_OF_FORM:
        if event != controller.EVENT_QUESTION:
            continue
        prompt = model.getQuestionPrompt()
        name = str(prompt.getFormElement().getBind().getReference().getNameLast())
        shown.append(name)
        if name in answers or prompt.isRequired():
            kind, question = prompt.getDataType(), prompt.getQuestion()
            data = parse(answers[name], kind, question) if name in answers else prompt.getAnswerValue()
            result = int(controller.answerQuestion(data, True))
            if result in status:
                refused[name] = status[result]
    form.postProcessInstance()
    payload = package.model.xform.XFormSerializingVisitor().createSerializedPayload(form.getInstance())
    text = bytes(payload.getPayloadStream().readAllBytes()).decode()
    return {"instance": text, "shown": shown, "refused": refused}


if __name__ == "__main__":
    engine = _start()
    print(json.dumps([_walk(engine, sys.argv[1], person) for person in json.load(sys.stdin)]))
