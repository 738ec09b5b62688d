// A student's own page.
document.getElementById("student").replaceChildren(...studentPage(read("mine"), read("catalogue")));
