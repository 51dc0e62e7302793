module ella

go 1.26
